"""Links that let somebody in once: invitations and new passwords."""
