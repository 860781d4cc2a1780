"""Bring a database to a revision of the schema, safely when several processes try at once.

`url` is any `postgresql+psycopg://` address. A migration is all or nothing: PostgreSQL takes part
of the schema back when a later statement fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, pool, text

BASE = "base"
_SCRIPTS = Path(__file__).with_name("migrations")
# Any number will do as long as nobody else takes it: the ASCII of "cadenza".
_LOCK = 0x636164656E7A61


def upgrade(url: str, revision: str = "head") -> None:
    """Go forward to `revision`; nothing happens when the database is there already."""
    with _only_one(url) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(url: str, revision: str) -> None:
    """Go back to `revision` (`base`: before the first one); what was added since is lost."""
    with _only_one(url) as connection:
        command.downgrade(_config(connection), revision)


def current(url: str) -> str | None:
    """The revision the database is at; None when it was never migrated."""
    with _connected(url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The newest revision this release knows."""
    newest = ScriptDirectory.from_config(_config(None)).get_current_head()
    if newest is None:
        raise RuntimeError(f"no migrations in {_SCRIPTS}: the installation is incomplete")
    return newest


@contextmanager
def _only_one(url: str) -> Iterator[Connection]:
    """A transaction that waits for any other process that is migrating the same database."""
    with _connected(url) as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        yield connection


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url, poolclass=pool.NullPool, connect_args={"connect_timeout": 10})
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _config(connection: Connection | None) -> Config:
    config = Config()
    # A literal percent sign in the path would be read as interpolation.
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config
