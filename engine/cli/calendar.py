"""`cadenza calendar`: working hours and public holidays."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from engine.cli._flow_text import text_of
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.services.actor import SYSTEM
from engine.services.calendars.editing import get_calendar, list_calendars, put_calendar
from engine.services.calendars.files import read_calendar, write_calendar
from engine.services.calendars.shelf import built

app = typer.Typer(help="Working hours and public holidays.", no_args_is_help=True)

_AHEAD_DAYS = 60


@app.command(name="list")
def list_() -> None:
    """Names of all calendars, the default one first."""
    run(_list())


@app.command()
def show(name: Annotated[str, typer.Argument(help="The calendar's name.")]) -> None:
    """Write a calendar as a file, and in comments which days of the next two months differ."""
    run(_show(name))


@app.command(name="set")
def set_(file: Annotated[Path, typer.Argument(help="The calendar's file.")]) -> None:
    """Make a calendar from a file, or replace the one of that name."""
    run(_set(file))


async def _list() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await list_calendars(session, SYSTEM)
    table = Table("Name", "Label", "Zone", "Holidays of", "Default")
    for row in found:
        place = "-".join(part for part in (row.country, row.subdivision) if part)
        zone = row.zone or "of the contact"
        table.add_row(row.name, row.label, zone, place, "yes" if row.is_default else "")
    Console().print(table)


async def _show(name: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        row = await get_calendar(session, SYSTEM, name)
        today = runtime.now().date()
    typer.echo(write_calendar(row), nl=False)
    calendar = built(row)
    if calendar is None:
        return
    for day in (today + timedelta(days=ahead) for ahead in range(_AHEAD_DAYS)):
        hours, usual = calendar.hours_on(day), calendar.week[day.weekday()]
        if hours != usual:
            typer.echo(f"# {_day(day)}: {_said(hours)}")


async def _set(file: Path) -> None:
    new = read_calendar(text_of(file), file.name)
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        is_new = await put_calendar(session, SYSTEM, new, runtime.now())
    typer.echo(f'Calendar "{new.name}" {"made" if is_new else "changed"}.')


def _day(day: date) -> str:
    return f"{day:%a %Y-%m-%d}"


def _said(hours: tuple[tuple[int, int], ...]) -> str:
    if not hours:
        return "nobody works"
    return ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in hours)


def _clock(minutes: int) -> str:
    return "{:02}:{:02}".format(*divmod(minutes, 60))
