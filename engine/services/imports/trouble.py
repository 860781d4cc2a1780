"""What a database that fails in the middle of an import means to the one who waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from engine.errors import DiskFull, Unavailable

# PostgreSQL's error code for a disk without room.
_DISK_FULL: Final = "53100"
_STAYS: Final = "Batches that were finished stay. Import the file again: it does the rest."


@contextmanager
def told_as_sentences() -> Iterator[None]:
    """A full disk and a lost connection become our errors; mistakes of ours pass through."""
    try:
        yield
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _DISK_FULL:
            raise DiskFull(f"The database's disk is full. Make room first. {_STAYS}") from error
        if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
            raise Unavailable(f"The database stopped answering. {_STAYS}") from error
        raise
