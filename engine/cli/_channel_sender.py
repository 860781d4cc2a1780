"""`cadenza channel sender`: who messages come from, by name."""

from __future__ import annotations

from datetime import datetime
from email.utils import parseaddr
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from engine.cli._channel_text import limits_text, read_warm_up
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.services import channels
from engine.services.actor import SYSTEM

app = typer.Typer(help="Who messages come from, by name.", no_args_is_help=True)

Slug = Annotated[str, typer.Argument(help="The name by which templates and steps mean it.")]


@app.command(name="set")
def set_(
    slug: Slug,
    address: Annotated[str, typer.Argument(help='Such as "Shop <hello@shop.example.com>".')],
    reply_to: Annotated[str | None, typer.Option(help="Where answers go.")] = None,
    warm_up: Annotated[
        str | None, typer.Option(help="Most of each day from this domain, such as 50,100,500.")
    ] = None,
    begins: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day; today otherwise.")
    ] = None,
) -> None:
    """Keep a sender; one of the same name is replaced."""
    run(_set(slug, address, reply_to, warm_up, begins))


@app.command(name="list")
def list_() -> None:
    """Every sender."""
    run(_list())


@app.command()
def remove(slug: Slug) -> None:
    """Forget a sender. Messages that name it hold their runs from now on."""
    run(_remove(slug))


async def _set(
    slug: str, written: str, reply_to: str | None, warm_up: str | None, begins: datetime | None
) -> None:
    name, address = parseaddr(written)
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        now = runtime.now()
        await channels.put_identity(
            session,
            SYSTEM,
            slug,
            address=address,
            name=name or None,
            reply_to=reply_to,
            warm_up=read_warm_up(warm_up, begins.date() if begins else now.date()),
            now=now,
        )
    typer.echo(f"Sender {slug} writes as {address}.")


async def _list() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await channels.list_identities(session, SYSTEM)
    table = Table("Sender", "Name", "Address", "Answers to", "Warm-up")
    for one in found:
        limits = channels.Limits(warm_up=one.warm_up)
        sender = one.sender
        shown = (sender.name or "", sender.address, sender.reply_to or "", limits_text(limits))
        table.add_row(one.slug, *shown)
    Console().print(table)


async def _remove(slug: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await channels.remove_identity(session, SYSTEM, slug)
    typer.echo(f"Sender {slug} is removed.")
