"""Making and reading backups of a database, whoever serves it."""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from importlib.metadata import version
from pathlib import Path
from typing import IO

from psycopg import sql

from crm_store.migrate import knows
from crm_store.restore_hold import AT_RESTORE
from engine.embedded import dumping
from engine.embedded.archive import FORMAT, Manifest, Written, take_out, write_archive
from engine.errors import Conflict


def back_up(url: str, path: Path, *, keys: Collection[str], secret_key: str | None) -> Written:
    """Write every row of this moment into a file. `keys` are the ids of those that seal secrets;
    `secret_key` is put beside the rows when it is given. Raises Conflict, Refused, Unavailable."""
    with dumping.snapshot(url) as held:
        manifest = Manifest(
            format=FORMAT,
            cadenza=version("cadenza"),
            taken_at=held.taken_at,
            schema_revision=held.schema_revision,
            postgres=held.postgres,
            rows=held.rows,
            keys=tuple(keys),
            with_keys=secret_key is not None,
        )

        def dump(out: IO[bytes]) -> None:
            dumping.dump(url, held, out)

        return write_archive(path, manifest, dump, secret_key)


def restorable(manifest: Manifest) -> None:
    """Raises Conflict when this release cannot read such a database."""
    if not knows(manifest.schema_revision):
        raise Conflict(
            f"The backup's schema is {manifest.schema_revision}, which this release does not know: "
            f"it was made by Cadenza {manifest.cadenza}. Install that release, or a newer one."
        )


def restore(url: str, path: Path, manifest: Manifest, scratch: Path) -> None:
    """Bring the rows into an empty database and hold them back, in one transaction.

    `scratch` is a folder with room for the file. Raises Conflict when the database is not empty,
    Refused when the file is damaged.
    """
    restorable(manifest)
    if not dumping.is_empty(url):
        raise Conflict(
            "The database is not empty. Restore into a new data folder (--data-dir), or into a "
            "database without tables."
        )
    afterwards = sql.SQL(AT_RESTORE).format(
        taken_at=sql.Literal(manifest.taken_at), file_name=sql.Literal(path.name)
    )
    with tempfile.TemporaryFile(dir=scratch) as dump:
        take_out(path, manifest, dump)
        dump.seek(0)
        dumping.load(url, dump, afterwards)
