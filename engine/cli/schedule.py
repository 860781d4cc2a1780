"""`cadenza schedule`: when schedules fire and dates come."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.dates.cron import CronRefused, next_firings, parse_cron
from engine.errors import Problem, Refused
from engine.flows.triggers import ScheduleTrigger, Trigger
from engine.local_time import is_zone, local
from engine.services.actor import SYSTEM
from engine.services.due_dates.upcoming import coming_up, named, next_for_contact

app = typer.Typer(help="Schedules and dates: what comes next.", no_args_is_help=True)

Count = Annotated[int, typer.Option(min=1, max=100, help="How many times.")]


@app.command(name="next")
def next_(
    what: Annotated[str, typer.Argument(help='A schedule such as "0 9 * * mon", or a flow.')],
    zone: Annotated[str, typer.Option(help="Whose clock a schedule means.")] = "UTC",
    contact: Annotated[
        str | None, typer.Option(help="Of a flow with a date: an address or a contact's number.")
    ] = None,
    count: Count = 5,
) -> None:
    """The next times of a schedule, of a flow's schedule, or of a flow's date for one contact."""
    # a flow's name has no space and no asterisk
    if " " in what.strip() or what.startswith("@"):
        _show_cron(what, zone, count)
    else:
        run(_next(what, contact, count))


@app.command(name="list")
def list_() -> None:
    """Every flow that watches dates or has a schedule, with its next time."""
    run(_list())


def show_next_times(trigger: Trigger, now: datetime) -> None:
    """Print the coming times of a schedule; nothing for other triggers."""
    if isinstance(trigger, ScheduleTrigger):
        _show(trigger.next_times(now), trigger.zone)


def _show_cron(text: str, zone: str, count: int) -> None:
    try:
        cron = parse_cron(text)
    except CronRefused as error:
        problem = Problem("schedule", "bad_value", str(error))
        raise Refused("The schedule cannot be used.", [problem]) from error
    if not is_zone(zone):
        problem = Problem("--zone", "bad_value", f'"{zone}" is no time zone.')
        raise Refused("The schedule cannot be used.", [problem])
    _show(next_firings(cron, zone, datetime.now(UTC), count), zone)


async def _next(flow: str, contact: str | None, count: int) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        if contact is not None:
            found = await next_for_contact(
                session,
                SYSTEM,
                runtime.plans,
                runtime.now(),
                flow=flow,
                contact=int(contact) if contact.isdecimal() else contact,
                default_zone=runtime.settings.company.default_zone,
            )
            for one in found:
                of = f" (deal {one.record_id})" if one.record_id else ""
                typer.echo(f"{_spelled(one.at, one.zone)}{of}" if one.at else f"never{of}")
            if not found:
                typer.echo("The contact has no such date.")
            return
        trigger = (await named(session, runtime.plans, flow)).plan.flow.trigger
        if not isinstance(trigger, ScheduleTrigger):
            raise Refused(
                f'Flow "{flow}" has no schedule. For a date, name somebody with --contact.'
            )
        _show(trigger.next_times(runtime.now(), count), trigger.zone)


async def _list() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await coming_up(session, SYSTEM, runtime.plans, runtime.now(), count=1)
    if not found:
        typer.echo("No published flow watches dates or has a schedule.")
        return
    table = Table("flow", "when", "next", "last let in", "looked until")
    for one in found:
        coming = "paused" if one.paused else "each in their own time"
        if one.next_times:
            coming = _spelled(one.next_times[0], one.zone)
        table.add_row(one.flow, one.says.en, coming, _utc(one.last_at), _utc(one.looked_until))
    Console(soft_wrap=True).print(table)


def _show(times: Iterable[datetime], zone: str) -> None:
    for at in times:
        typer.echo(_spelled(at, zone))


def _spelled(at: datetime, zone: str) -> str:
    there = local(at, zone)
    return f"{there:%a %Y-%m-%d %H:%M %Z} ({at:%Y-%m-%d %H:%M} UTC)"


def _utc(at: datetime | None) -> str:
    return "never" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"
