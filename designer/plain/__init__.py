"""Pages that work without a socket or a script: sign-in, a new password, "not here"."""
