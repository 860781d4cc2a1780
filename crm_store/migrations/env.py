"""What Alembic runs: it is handed a connection and migrates on it, in the caller's transaction."""

from __future__ import annotations

from alembic import context

from crm_store.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_type=True,
    compare_server_default=True,
)
context.run_migrations()
