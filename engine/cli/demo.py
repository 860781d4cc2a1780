"""`cadenza demo`: fill an empty database with a made-up company."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.services.demo import fill_demo
from engine.services.demo.filling import USUAL_CONTACTS, USUAL_SEED

app = typer.Typer(help="Fill an empty database with a made-up company.")


@app.command()
def demo(
    contacts: Annotated[int, typer.Option(help="How many people to make.")] = USUAL_CONTACTS,
    seed: Annotated[int, typer.Option(help="The same seed makes the same company.")] = USUAL_SEED,
) -> None:
    """Make contacts, accounts, orders, deals and tickets. Nothing is sent and no flow starts."""
    run(_fill(contacts, seed))


async def _fill(contacts: int, seed: int) -> None:
    began = time.monotonic()
    async with opened(temporal=False) as runtime:
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("contacts", total=contacts)
            counts = await fill_demo(
                runtime.store,
                contacts,
                seed,
                runtime.now(),
                lambda done: bar.update(task, completed=done),
            )
    typer.echo(
        f"{counts.contacts:,} contacts, {counts.accounts:,} accounts, {counts.orders:,} orders, "
        f"{counts.deals:,} deals, {counts.tickets:,} tickets in {time.monotonic() - began:.1f} s."
    )
