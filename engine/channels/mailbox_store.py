"""Where the local mailbox keeps its mail: one SQLite file beside the other data of this machine.

SQLite here is a file format, not a second database: it must work without PostgreSQL, be written by
one process and read by another, survive kill -9, and find a Message-ID among 100,000 mails at once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  message_id TEXT,
  received_at REAL NOT NULL,
  sender TEXT NOT NULL,
  recipients TEXT NOT NULL,
  subject TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  raw BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS message_by_message_id ON message (message_id);
"""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail as it was handed over. `message_id` has its angle brackets; None when it had none."""

    message_id: str | None
    received_at: datetime
    sender: str
    recipients: tuple[str, ...]
    subject: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Summary:
    """A line of the list. Times are UTC."""

    id: int
    message_id: str | None
    received_at: datetime
    sender: str
    recipients: tuple[str, ...]
    subject: str
    size_bytes: int


class MailboxStore:
    """One process writes and any may read. Reading opens the file anew each time; the writer keeps
    it open, because the last one to close it moves the whole log into the file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._prepared = False
        self._writer: sqlite3.Connection | None = None

    def add(self, arrivals: Sequence[Arrival]) -> list[int]:
        """Keep them all at once; their ids. Raises sqlite3.OperationalError on a full disk."""
        if self._writer is None:
            self._writer = self._connect()
        with self._writer:
            return [_insert(self._writer, arrival) for arrival in arrivals]

    def close(self) -> None:
        """The writer is done; reading goes on working."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def count(self, message_id: str | None = None) -> int:
        """How many mails there are, or how many copies of one."""
        where, values = ("", ()) if message_id is None else ("WHERE message_id = ?", (message_id,))
        with self._open() as connection:
            found = connection.execute(f"SELECT count(*) FROM message {where}", values)  # noqa: S608
            return int(found.fetchone()[0])

    def page(self, before: int | None, limit: int, search: str | None) -> list[Summary]:
        """Newest first; `search` looks for a piece of subject, sender or recipient."""
        pattern = f"%{_escaped(search)}%" if search else None
        with self._open() as connection:
            rows = connection.execute(
                "SELECT id, message_id, received_at, sender, recipients, subject, size_bytes "
                "FROM message WHERE (:before IS NULL OR id < :before) AND (:pattern IS NULL OR "
                "subject LIKE :pattern ESCAPE '\\' OR recipients LIKE :pattern ESCAPE '\\' "
                "OR sender LIKE :pattern ESCAPE '\\') ORDER BY id DESC LIMIT :limit",
                {"before": before, "pattern": pattern, "limit": limit},
            )
            return [_summary(row) for row in rows]

    def read(self, identity: int) -> tuple[Summary, bytes] | None:
        with self._open() as connection:
            row = connection.execute(
                "SELECT id, message_id, received_at, sender, recipients, subject, size_bytes, raw "
                "FROM message WHERE id = ?",
                (identity,),
            ).fetchone()
        return None if row is None else (_summary(row[:-1]), bytes(row[-1]))

    def clear(self) -> None:
        with self._open() as connection, connection:
            connection.execute("DELETE FROM message")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = self._connect()
        try:
            yield connection
        finally:
            connection.close()

    def _connect(self) -> sqlite3.Connection:
        if not self._prepared:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection = sqlite3.connect(self._file, timeout=10, check_same_thread=False)
        # A kill loses nothing; a power cut may lose the last mails, never the file.
        connection.execute("PRAGMA synchronous = normal")
        if not self._prepared:
            connection.execute("PRAGMA journal_mode = wal")
            connection.executescript(SCHEMA)
            self._prepared = True
        return connection


def _insert(connection: sqlite3.Connection, arrival: Arrival) -> int:
    done = connection.execute(
        "INSERT INTO message "
        "(message_id, received_at, sender, recipients, subject, size_bytes, raw) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            arrival.message_id,
            arrival.received_at.timestamp(),
            arrival.sender,
            "\n".join(arrival.recipients),
            arrival.subject,
            len(arrival.raw),
            arrival.raw,
        ),
    )
    return int(done.lastrowid or 0)


def _summary(row: Sequence[object]) -> Summary:
    identity, message_id, received_at, sender, recipients, subject, size = row
    assert isinstance(identity, int)
    assert isinstance(received_at, float)
    assert isinstance(size, int)
    return Summary(
        identity,
        None if message_id is None else str(message_id),
        datetime.fromtimestamp(received_at, UTC),
        str(sender),
        tuple(str(recipients).split("\n")),
        str(subject),
        size,
    )


def _escaped(text: str) -> str:
    """LIKE's own signs stand for themselves."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
