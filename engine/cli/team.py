"""`cadenza team`: who works together, who leads, and by which hours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.errors import Refused
from engine.services.actor import SYSTEM
from engine.services.organisation import profiles, teams
from engine.services.organisation.teams import TeamGiven
from engine.services.people import find_user

app = typer.Typer(help="Teams, who leads them, and by which hours they work.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The team's name.")]
Head = Annotated[str | None, typer.Option(help='The address of who leads it; "" for nobody.')]
Hours = Annotated[str | None, typer.Option(help='A calendar\'s name; "" for the default one.')]
Emails = Annotated[list[str], typer.Argument(help="Addresses of people.")]


@app.command(name="list")
def list_() -> None:
    """All teams by name."""
    run(_list())


@app.command()
def add(name: Name, head: Head = None, calendar: Hours = None) -> None:
    """Make a team."""
    run(_add(name, head, calendar))


@app.command(name="set")
def set_(
    name: Name,
    head: Head = None,
    calendar: Hours = None,
    rename: Annotated[str | None, typer.Option(help="Its new name.")] = None,
) -> None:
    """Change a team; what is not given stays."""
    run(_set(name, head, calendar, rename))


@app.command()
def remove(name: Name) -> None:
    """Remove a team in which nobody active is."""
    run(_remove(name))


@app.command()
def join(name: Name, emails: Emails) -> None:
    """Put people into a team, and out of the one they were in."""
    run(_move(name, emails))


@app.command()
def leave(emails: Emails) -> None:
    """Put people into no team."""
    run(_move(None, emails))


@app.command()
def check() -> None:
    """Say what approvals and escalations would stumble over. Ends with 1 when something is."""
    run(_check())


async def _list() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await teams.list_teams(session, SYSTEM)
    table = Table("Team", "Head", "Calendar", "People")
    for line in found:
        calendar = line.calendar or "the default one"
        table.add_row(line.name, line.head or "-", calendar, str(line.members))
    Console().print(table)


async def _add(name: str, head: str | None, calendar: str | None) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        given = TeamGiven(name, await _id_of(session, head), calendar or None)
        await teams.add_team(session, SYSTEM, given)
    typer.echo(f'Team "{name}" made.')


async def _set(name: str, head: str | None, calendar: str | None, rename: str | None) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        line = await teams.team_called(session, SYSTEM, name)
        given = TeamGiven(
            rename or name,
            line.head_id if head is None else await _id_of(session, head),
            line.calendar if calendar is None else calendar or None,
        )
        await teams.change_team(session, SYSTEM, line.id, given, runtime.now())
    typer.echo(f'Team "{given.name}" changed.')


async def _remove(name: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        line = await teams.team_called(session, SYSTEM, name)
        await teams.remove_team(session, SYSTEM, line.id, runtime.now())
    typer.echo(f'Team "{name}" removed.')


async def _move(name: str | None, emails: Sequence[str]) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        team = None if name is None else (await teams.team_called(session, SYSTEM, name)).id
        people = [(await find_user(session, SYSTEM, email)).id for email in emails]
        await teams.put_members(session, SYSTEM, team, people, runtime.now())
    where = "no team" if name is None else f'the team "{name}"'
    typer.echo(f"{', '.join(emails)}: in {where} now.")


async def _check() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await profiles.organisation_findings(session, SYSTEM)
    if found:
        raise Refused("Some of it will reach nobody.", found)
    typer.echo("Everybody has somebody.")


async def _id_of(session: AsyncSession, email: str | None) -> int | None:
    return (await find_user(session, SYSTEM, email)).id if email else None
