"""Bring a database to a revision of the schema, safely when several processes try at once.

`url` is any `postgresql+psycopg://` address. Each migration is all or nothing, in a transaction of
its own: those who work beside it wait for one table's change and not for all of them. One that does
not get its tables soon lets everybody pass and tries again, so that nobody waits in a circle.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import Connection, Engine, create_engine, pool, text
from sqlalchemy.exc import OperationalError

BASE = "base"
_SCRIPTS = Path(__file__).with_name("migrations")
# Any number will do as long as nobody else takes it: the ASCII of "cadenza".
_LOCK = 0x636164656E7A61


_LOCK_TIMEOUT: Final = "3s"
_TRIES: Final = 20
_PAUSE_SECONDS: Final = 0.5


class TablesInUse(Exception):
    """Others hold a table that a migration changes; what came before it is done and stays."""


def upgrade(url: str, revision: str = "head") -> None:
    """Go forward to `revision`; nothing happens when the database is there already. Raises
    TablesInUse."""
    with _only_one(url) as engine:
        for step in reversed(_between(revision, _at(engine))):
            _patiently(engine, command.upgrade, step.revision)


def downgrade(url: str, revision: str) -> None:
    """Go back to `revision` (`base`: before the first one); what was added since is lost. Raises
    TablesInUse."""
    with _only_one(url) as engine:
        for step in _between(_at(engine) or BASE, revision):
            _patiently(engine, command.downgrade, str(step.down_revision or BASE))


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


def knows(revision: str) -> bool:
    """Whether this release can bring a database of that revision to its own."""
    scripts = ScriptDirectory.from_config(_config(None))
    return any(script.revision == revision for script in scripts.walk_revisions())


def _between(upper: str, lower: str | None) -> list[Script]:
    """The migrations above `lower` up to `upper`, newest first."""
    scripts = ScriptDirectory.from_config(_config(None))
    return list(scripts.iterate_revisions(upper, lower or BASE))


def _at(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _patiently(engine: Engine, migrate: Callable[[Config, str], None], to: str) -> None:
    for remaining in reversed(range(_TRIES)):
        try:
            with engine.begin() as connection:
                connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'"))
                migrate(_config(connection), to)
            return
        except OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable | DeadlockDetected):
                raise
            if not remaining:
                raise TablesInUse(
                    "The tables to be changed are in use without a pause. Stop `cadenza serve` and "
                    "`cadenza worker`, and long queries, then migrate again: it goes on where it "
                    "is."
                ) from error
        time.sleep(_PAUSE_SECONDS)


@contextmanager
def _only_one(url: str) -> Iterator[Engine]:
    """Waits for any other process that is migrating the same database."""
    with _engine(url) as engine, engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        connection.commit()
        yield engine


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    with _engine(url) as engine, engine.begin() as connection:
        yield connection


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = create_engine(url, poolclass=pool.NullPool, connect_args={"connect_timeout": 10})
    try:
        yield engine
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
