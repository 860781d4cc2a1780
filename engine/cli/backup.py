"""`cadenza backup`: every row of this moment in one file, while everything runs."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.embedded.archive import Written, read_manifest, sha256_of, take_out
from engine.embedded.restoring import back_up, restorable
from engine.runtime import Runtime
from engine.services.actor import SYSTEM
from engine.services.backups import BackupRow, note_backup

app = typer.Typer(help="Keep everything in one file, while everything runs.")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; nothing may be there.")],
    with_keys: Annotated[
        bool,
        typer.Option(
            "--with-keys",
            help="Put SECRET_KEY into the file: whoever has the file can then open its secrets.",
        ),
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; say what is in the file.")
    ] = False,
) -> None:
    """Write a backup. Restore it with `cadenza restore`."""
    if check:
        _check(file)
    else:
        run(_backup(file, with_keys))


async def _backup(file: Path, with_keys: bool) -> None:
    async with opened(temporal=False) as runtime:
        written = await asyncio.to_thread(
            back_up,
            runtime.store.url,
            file,
            keys=runtime.secrets.key_ids,
            secret_key=_key(runtime) if with_keys else None,
        )
        async with runtime.store.transaction() as session:
            await note_backup(session, SYSTEM, _row(written))
    manifest = written.manifest
    for table, count in manifest.rows.items():
        typer.echo(f"{table}\t{count}")
    typer.echo(f"sha256\t{written.sha256}")
    typer.echo(
        f"{file} has {written.size_bytes:,} bytes and every row as of "
        f"{manifest.moment:%Y-%m-%d %H:%M:%S} UTC.",
        err=True,
    )
    if not with_keys:
        typer.echo(_about_keys(manifest.keys), err=True)


def _check(file: Path) -> None:
    manifest = read_manifest(file)
    restorable(manifest)
    with Path(os.devnull).open("wb") as nowhere:
        take_out(file, manifest, nowhere)
    for table, count in manifest.rows.items():
        typer.echo(f"{table}\t{count}")
    typer.echo(f"sha256\t{sha256_of(file)}")
    typer.echo(
        f"{file} is whole: every row as of {manifest.moment:%Y-%m-%d %H:%M:%S} UTC, schema "
        f"{manifest.schema_revision}, Cadenza {manifest.cadenza}.",
        err=True,
    )


def _key(runtime: Runtime) -> str | None:
    key = runtime.settings.security.secret_key
    return None if key is None else key.get_secret_value()


def _about_keys(keys: tuple[str, ...]) -> str:
    return (
        f"Secrets in it stay sealed under {', '.join(keys) or 'no key'}. Keep SECRET_KEY (or "
        "secrets/secret_key of the data folder) and ENCRYPTION_KEY at another place: without them "
        "nobody opens the secrets, and links in old letters stop working."
    )


def _row(written: Written) -> BackupRow:
    return BackupRow(
        taken_at=written.manifest.moment,
        finished_at=datetime.now(UTC),
        file_name=written.path.name,
        size_bytes=written.size_bytes,
        sha256=written.sha256,
        schema_revision=written.manifest.schema_revision,
        with_keys=written.manifest.with_keys,
        made_by=SYSTEM.name,
    )
