"""Backups that were made, and a restored database that waits for a person."""
