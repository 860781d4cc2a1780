"""`cadenza absence`: who is away when, and who acts for them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from engine.cli._loop import run
from engine.cli._moments import moment_from
from engine.cli._runtime import opened
from engine.local_time import local, start_of_day
from engine.runtime import Runtime
from engine.services.actor import SYSTEM
from engine.services.organisation import absences
from engine.services.organisation.absences import AbsenceGiven
from engine.services.people import find_user
from engine.services.people_shelf import PeopleShelf

app = typer.Typer(help="Who is away when, and who acts for them.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="The address of who is away.")]
First = Annotated[str, typer.Argument(help="The first day, or a time with its offset.")]
Last = Annotated[str, typer.Argument(help="The last day, or the time at which they are back.")]
Deputy = Annotated[str | None, typer.Option(help="The address of who acts for them.")]
Note = Annotated[str | None, typer.Option(help="Seen by them and by who enters absences.")]
Number = Annotated[int, typer.Argument(help="The number that `list` shows.")]


@app.command(name="list")
def list_(
    past: Annotated[bool, typer.Option("--past", help="Those that are over too.")] = False,
) -> None:
    """Absences that are not over, in the time of each person's zone."""
    run(_list(past))


@app.command()
def add(email: Email, first: First, last: Last, deputy: Deputy = None, note: Note = None) -> None:
    """Enter an absence. Days count where the person works."""
    run(_add(email, first, last, deputy, note))


@app.command()
def change(
    number: Number,
    email: Email,
    first: First,
    last: Last,
    deputy: Deputy = None,
    note: Note = None,
) -> None:
    """Enter the same absence anew."""
    run(_add(email, first, last, deputy, note, number))


@app.command()
def cancel(number: Number) -> None:
    """They are there after all."""
    run(_cancel(number))


async def _list(past: bool) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        since = datetime(1970, 1, 1, tzinfo=UTC) if past else runtime.now()
        found = await absences.list_absences(session, SYSTEM, since=since)
        who = await PeopleShelf().directory(session)
    default = runtime.settings.company.default_zone
    table = Table("Number", "Who", "From", "Until", "Deputy", "Note")
    for line in found:
        zone = who.zone_of(line.user_id, default)
        times = [f"{local(at, zone):%Y-%m-%d %H:%M}" for at in (line.starts_at, line.ends_at)]
        table.add_row(str(line.id), line.name, *times, line.deputy or "-", line.note or "")
    Console().print(table)


async def _add(
    email: str,
    first: str,
    last: str,
    deputy: str | None,
    note: str | None,
    number: int | None = None,
) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        person = await find_user(session, SYSTEM, email)
        zone = await _zone_of(session, runtime, person.id)
        acting = (await find_user(session, SYSTEM, deputy)).id if deputy else None
        ends_at = _moment(last, zone, days=1)
        given = AbsenceGiven(person.id, _moment(first, zone), ends_at, acting, note)
        if number is None:
            saved = await absences.add_absence(session, SYSTEM, given, runtime.now())
        else:
            saved = await absences.change_absence(session, SYSTEM, number, given, runtime.now())
    for warning in saved.warnings:
        typer.echo(f"note: {warning.message}", err=True)
    typer.echo(f"Absence {saved.id}: {person.name} is back on {_shown(given.ends_at, zone)}.")


async def _cancel(number: int) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await absences.cancel_absence(session, SYSTEM, number, runtime.now())
    typer.echo(f"Absence {number} cancelled.")


async def _zone_of(session: AsyncSession, runtime: Runtime, user_id: int) -> str:
    who = await PeopleShelf().directory(session)
    return who.zone_of(user_id, runtime.settings.company.default_zone)


def _moment(text: str, zone: str, *, days: int = 0) -> datetime:
    """A day begins where the person works, and so many days later for the last one of several."""
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    if day is None:
        return moment_from(text)
    return start_of_day(day + timedelta(days=days), zone)


def _shown(moment: datetime, zone: str) -> str:
    return f"{local(moment, zone):%Y-%m-%d %H:%M} ({zone})"
