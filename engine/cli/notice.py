"""`cadenza notice`: what somebody was told, and how they want to be told."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from engine.cli._loop import run
from engine.cli._person import person
from engine.cli._runtime import opened
from engine.services.notices import list_notices
from engine.services.telling import NoticeWay, Urgency, list_ways, set_ways

app = typer.Typer(help="What people were told, and how.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="The address of the person.")]


@app.command(name="list")
def list_(
    email: Email,
    unread: Annotated[bool, typer.Option("--unread", help="Only what they have not seen.")] = False,
) -> None:
    """What somebody was told, the newest first."""
    run(_list(email, unread))


@app.command()
def ways(email: Email) -> None:
    """How somebody is told, by urgency; by mail where nothing is said."""
    run(_ways(email))


@app.command()
def way(
    email: Email,
    urgency: Annotated[Urgency, typer.Argument(help="Of what.")],
    channels: Annotated[
        list[str] | None,
        typer.Argument(
            help='Channels, each with an address after "=" where it needs one: default, '
            "pager=+15550100, none. Without any: by mail again."
        ),
    ] = None,
) -> None:
    """Say how somebody is told things of an urgency, instead of by mail alone."""
    chosen = [NoticeWay(*_parted(one)) for one in channels or []]
    run(_way(email, urgency, chosen))


def _parted(text: str) -> tuple[str, str | None]:
    channel, _, address = text.partition("=")
    return channel.strip(), address.strip() or None


async def _list(email: str, unread: bool) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await list_notices(session, await person(session, email), unread=unread)
    table = Table("told at", "kind", "title", "where to look", "seen")
    for one in found:
        seen = "" if one.read_at is None else f"{one.read_at:%Y-%m-%d %H:%M}"
        table.add_row(f"{one.created_at:%Y-%m-%d %H:%M}", one.kind, one.title, one.path, seen)
    Console().print(table)


async def _ways(email: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await list_ways(session, await person(session, email))
    table = Table("urgency", "channel", "address")
    for urgency in Urgency:
        for one in found.get(urgency, [NoticeWay("default")]):
            table.add_row(urgency, one.channel, one.address or "")
    Console().print(table)


async def _way(email: str, urgency: Urgency, chosen: list[NoticeWay]) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        actor = await person(session, email)
        await set_ways(session, actor, runtime.channel, urgency, chosen)
    typer.echo(f"Things of urgency {urgency} reach {email} by {_said(chosen)}.")


def _said(chosen: list[NoticeWay]) -> str:
    return ", ".join(one.channel for one in chosen) or "mail"
