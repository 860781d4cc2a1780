"""`cadenza restore`: a backup into an empty place, held back until a person has looked."""

from __future__ import annotations

import dataclasses
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

import typer
from psycopg import OperationalError

from engine.cli._loop import run
from engine.cli._runtime import opened, with_data
from engine.embedded.archive import Manifest, key_in, read_manifest
from engine.embedded.data_dir import DataDir, write_whole
from engine.embedded.machine import Machine
from engine.embedded.restoring import restorable
from engine.embedded.restoring import restore as restore_into
from engine.errors import Problem, Refused, Unavailable
from engine.local_time import SpanRefused, add_span, parse_span
from engine.logging_setup import set_up
from engine.services.actor import SYSTEM
from engine.services.backups import Held, Overdue, held_back, release_hold
from engine.settings import Settings, load

app = typer.Typer(help="Bring a backup back, held until a person has looked.")
NOTHING = "Nothing is held back."


@app.command()
def restore(
    file: Annotated[Path | None, typer.Argument(help="The backup to bring back.")] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="An empty folder; else CADENZA_DATA_DIR or DATABASE_URL.")
    ] = None,
    show: Annotated[
        bool, typer.Option("--show", help="Say what a restored database holds back.")
    ] = False,
    release: Annotated[
        bool, typer.Option("--release", help="Let a restored database work again.")
    ] = False,
    overdue: Annotated[
        Literal["keep", "drop"] | None,
        typer.Option(help="With --release: do what fell due meanwhile, or let it stand still."),
    ] = None,
    older_than: Annotated[
        str, typer.Option(help="With --overdue drop: only what is overdue by more, such as 2h.")
    ] = "0s",
) -> None:
    """Bring a backup into an empty data folder or database. Nothing is sent, called or timed
    afterwards until somebody releases it, here or at the page about backups."""
    if release:
        if overdue is None:
            problem = Problem("--overdue", "missing", "say keep or drop; --show counts what waits")
            raise Refused("Nothing was released.", [problem])
        run(_release(Overdue(overdue, _length(older_than))))
    elif show:
        run(_show())
    elif file is None:
        raise Refused("Say which file to restore, or --show, or --release.")
    else:
        _restore(file, data_dir)


def _restore(file: Path, data_dir: Path | None) -> None:
    settings = load()
    set_up(settings.log.model_copy(update={"level": "warning"}))
    manifest = read_manifest(file)
    restorable(manifest)
    if settings.database.url is not None and data_dir is None:
        with tempfile.TemporaryDirectory() as scratch:
            _bring(settings.database.url.get_secret_value(), file, manifest, Path(scratch))
    else:
        _into_folder(settings, file, manifest, data_dir or settings.data.folder)
    typer.echo(
        f"Every row as of {manifest.moment:%Y-%m-%d %H:%M:%S} UTC is back, and everybody has to "
        "sign in again. Nothing is sent, called or timed until somebody says so: start Cadenza, "
        "look at `cadenza restore --show`, then `cadenza restore --release`.",
        err=True,
    )


def _into_folder(settings: Settings, file: Path, manifest: Manifest, folder: Path) -> None:
    data = DataDir(folder)
    # a database of one's own would win over the folder otherwise
    own = settings.database.model_copy(update={"url": None})
    settings = with_data(dataclasses.replace(settings, database=own), data.root)
    with data.locked():
        machine = Machine(settings, data)
        try:
            machine.spawn(temporal=False)
            ready = machine.wait_ready()
            assert ready.database.url is not None
            _bring(ready.database.url.get_secret_value(), file, manifest, data.root)
            _keys(settings, file, data)
        finally:
            machine.stop()


def _bring(url: str, file: Path, manifest: Manifest, scratch: Path) -> None:
    try:
        restore_into(url, file, manifest, scratch)
    except OperationalError as error:
        raise Unavailable("The database does not answer. Check DATABASE_URL.") from error


def _keys(settings: Settings, file: Path, data: DataDir) -> None:
    """The key that came along, where none is set or kept."""
    key, place = key_in(file), data.root / "secrets" / "secret_key"
    if settings.security.secret_key is not None or place.exists():
        return
    if key is not None:
        write_whole(place, key + "\n", mode=0o600)
        return
    typer.echo(
        f"The backup has no key in it. Put the old one into {place} (or set SECRET_KEY) before you "
        "start Cadenza: without it, sealed secrets cannot be opened and links in old letters stop "
        "working.",
        err=True,
    )


async def _show() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        held = await held_back(session, SYSTEM, runtime.now())
    if held is None:
        typer.echo(NOTHING)
        return
    for line in _lines(held):
        typer.echo(line)


def _lines(held: Held) -> list[str]:
    lines = [
        f"restored\t{held.restored_at:%Y-%m-%d %H:%M:%S} UTC\tfrom {held.file_name}",
        f"rows of\t{held.taken_at:%Y-%m-%d %H:%M:%S} UTC",
    ]
    for one in held.waiting:
        since = "-" if one.oldest is None else f"{one.oldest:%Y-%m-%d %H:%M:%S} UTC"
        lines.append(f"{one.kind}\t{one.waiting}\toldest {since}")
    return lines


async def _release(overdue: Overdue) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        released = await release_hold(session, SYSTEM, overdue, runtime.now())
    for kind, count in released.dropped.items():
        typer.echo(f"{kind}\t{count} let go")
    typer.echo("Released: workers begin within seconds.", err=True)


def _length(text: str) -> timedelta:
    now = datetime.now(UTC)
    try:
        return add_span(now, parse_span(text), "UTC") - now
    except (SpanRefused, OverflowError) as error:
        problem = Problem("--older-than", "bad_span", 'write a duration such as "2h" or "P1D"')
        raise Refused("Nothing was released.", [problem]) from error
