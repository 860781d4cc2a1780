"""The one-machine default: PostgreSQL and Temporal as children of this process."""
