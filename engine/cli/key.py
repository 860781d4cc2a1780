"""`cadenza key`: keys with which other systems report events."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.services.actor import SYSTEM
from engine.services.write_keys import create_write_key, list_write_keys, revoke_write_key

app = typer.Typer(help="Keys with which other systems report events.", no_args_is_help=True)

Source = Annotated[str, typer.Argument(help="The system that reports, such as website.")]


@app.command()
def create(source: Source) -> None:
    """Make a write key for a source and print it, this once."""
    run(_create(source))


@app.command(name="list")
def list_() -> None:
    """All keys by source: how they begin, and when they were last used."""
    run(_list())


@app.command()
def revoke(source: Source) -> None:
    """Refuse a source's key from now on."""
    run(_revoke(source))


async def _create(source: str) -> None:
    async with opened(temporal=False) as runtime:
        async with runtime.store.transaction() as session:
            made = await create_write_key(session, SYSTEM, source)
        typer.echo(f"{made.key}")
        typer.echo(
            f"The write key of {made.source}, shown only now. Clients of Segment take it together "
            f"with the host {runtime.public_url}.",
            err=True,
        )


async def _list() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        keys = await list_write_keys(session, SYSTEM)
    table = Table("Source", "Key", "Made", "Last used", "State")
    for key in keys:
        state = "revoked" if key.revoked_at else "active"
        table.add_row(
            key.source, f"{key.prefix}…", _day(key.created_at), _day(key.last_used_at), state
        )
    Console().print(table)


async def _revoke(source: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await revoke_write_key(session, SYSTEM, source, runtime.now())
    typer.echo(f"The key of {source} is refused from now on, by running servers within 5 seconds.")


def _day(moment: datetime | None) -> str:
    return "-" if moment is None else moment.strftime("%Y-%m-%d %H:%M UTC")
