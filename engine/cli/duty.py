"""`cadenza duty`: who has the duty of rotations, and swapping it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from engine.cli._loop import run
from engine.cli._person import As, person
from engine.cli._runtime import opened
from engine.errors import Refused
from engine.local_time import local_instant
from engine.services.actor import SYSTEM
from engine.services.escalations import duty
from engine.services.people import find_user

app = typer.Typer(help="Who has the duty, and swapping it.", no_args_is_help=True)

Rotation = Annotated[str, typer.Argument(help="<policy>/<rotation>, as show lists it.")]
Wall = ["%Y-%m-%dT%H:%M", "%Y-%m-%d"]


@app.command()
def show() -> None:
    """Who has each duty now, who has it next, and what is swapped."""
    run(_show())


@app.command()
def override(
    rotation: Rotation,
    who: Annotated[str, typer.Argument(help="The address of whoever has it instead.")],
    from_: Annotated[datetime, typer.Option("--from", formats=Wall, help="In --zone.")],
    until: Annotated[datetime, typer.Option(formats=Wall, help="In --zone.")],
    as_: As,
    zone: Annotated[str, typer.Option(help="The zone of the two times.")] = "UTC",
) -> None:
    """Give somebody the duty for a while."""
    run(_override(rotation, who, from_, until, as_, zone))


@app.command()
def cancel(swap: Annotated[int, typer.Argument(help="The number of the swap.")], as_: As) -> None:
    """Take a swap back."""
    run(_cancel(swap, as_))


async def _show() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await duty.duties(session, SYSTEM, runtime.now())
        swaps = await duty.list_overrides(session, SYSTEM, runtime.now())
    table = Table("Rotation", "On duty", "Next", "From (UTC)")
    for one in found:
        table.add_row(
            escape(f"{one.policy}/{one.rotation}"),
            escape(one.name or "nobody"),
            escape(one.next_name or "nobody"),
            f"{one.next_at:%Y-%m-%d %H:%M}",
        )
    Console().print(table)
    for swap in swaps:
        typer.echo(
            f"Swap {swap.id}: {swap.policy}/{swap.rotation} {swap.name or 'nobody'} "
            f"{swap.starts_at:%Y-%m-%d %H:%M} to {swap.ends_at:%Y-%m-%d %H:%M} UTC"
        )


async def _override(
    rotation: str, who: str, from_: datetime, until: datetime, email: str, zone: str
) -> None:
    policy, slash, name = rotation.partition("/")
    if not slash:
        raise Refused(f'"{rotation[:80]}" is no rotation; write <policy>/<rotation>.')
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        actor = await person(session, email)
        user = await find_user(session, SYSTEM, who)
        starts, ends = (local_instant(one.date(), one.time(), zone) for one in (from_, until))
        swap = await duty.override_duty(
            session, actor, policy, name, user.id, starts, ends, now=runtime.now()
        )
    typer.echo(f"Swap {swap}: {user.name} has {rotation} until {ends:%Y-%m-%d %H:%M} UTC.")


async def _cancel(swap: int, email: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await duty.cancel_override(session, await person(session, email), swap, runtime.now())
    typer.echo(f"Swap {swap} is taken back.")
