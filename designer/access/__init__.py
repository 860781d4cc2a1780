"""Rooms about who gets in and what they may do: roles, keys, invitations, one's own sign-ins."""
