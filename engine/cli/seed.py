"""`cadenza seed`: addresses of our own that get proofs of messages."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.services.actor import SYSTEM
from engine.services.trying_messages import add_seed, list_seeds, remove_seed

app = typer.Typer(
    help="Addresses of our own, at several providers, that get proofs of messages.",
    no_args_is_help=True,
)
Address = Annotated[str, typer.Argument(help="An address of our own people.")]


@app.command(name="list")
def list_() -> None:
    """Everybody on the seed list."""
    run(_list())


@app.command()
def add(
    address: Address,
    note: Annotated[str, typer.Option(help="Whose it is, or which program it is read in.")] = "",
) -> None:
    """Put an address on the seed list; of one that is there the note is replaced."""
    run(_add(address, note))


@app.command()
def remove(address: Address) -> None:
    """Take an address off the seed list."""
    run(_remove(address))


async def _list() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await list_seeds(session, SYSTEM)
    table = Table("Address", "Note", "Added (UTC)", "By")
    for one in found:
        table.add_row(one.address, one.note, f"{one.added_at:%Y-%m-%d %H:%M}", one.added_by)
    Console().print(table)


async def _add(address: str, note: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        fresh = await add_seed(session, SYSTEM, address, note, runtime.now())
    said = "is on the seed list" if fresh else "was on the seed list; its note is replaced"
    typer.echo(f"{address} {said}.")


async def _remove(address: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await remove_seed(session, SYSTEM, address)
    typer.echo(f"{address} is off the seed list.")
