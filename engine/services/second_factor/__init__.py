"""A code from a telephone beside the password."""
