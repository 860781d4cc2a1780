"""Roles: what each may do, to whose records, and what it is not shown."""
