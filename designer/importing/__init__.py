"""Bringing files in, and making two contacts one."""
