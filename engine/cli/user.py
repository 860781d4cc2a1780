"""`cadenza user`: people who sign in."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.cli._ways_in import add_ways_in
from engine.services import people
from engine.services.actor import SYSTEM
from engine.services.organisation import profiles
from engine.services.organisation.profiles import Profile
from engine.services.people_shelf import PeopleShelf

app = typer.Typer(help="People who sign in.", no_args_is_help=True)
add_ways_in(app)

Email = Annotated[str, typer.Argument(help="The address they sign in with.")]


@app.command()
def add(
    email: Email,
    role: Annotated[
        str, typer.Option(help=f"One of {', '.join(people.ROLES)}, or one made here.")
    ] = "viewer",
    name: Annotated[str | None, typer.Option(help="What others see; else the address.")] = None,
    language: Annotated[str, typer.Option(help="en or zh.")] = "en",
) -> None:
    """Make a user and print the password for the first sign-in."""
    run(_add(email, role, name or email.partition("@")[0], language))


@app.command(name="list")
def list_() -> None:
    """Everybody, with role and state."""
    run(_list())


@app.command()
def password(email: Email) -> None:
    """Print a new password for one sign-in; the old one and every session end."""
    run(_password(email))


@app.command()
def deactivate(email: Email) -> None:
    """Let somebody sign in no more. What they own stays theirs until `handover` gives it away."""
    run(_deactivate(email))


@app.command()
def manager(
    email: Email,
    above: Annotated[
        str | None, typer.Argument(help="The manager's address; none: nobody.")
    ] = None,
) -> None:
    """Say whom somebody reports to."""
    run(_manager(email, above))


@app.command()
def profile(
    email: Email,
    zone: Annotated[str | None, typer.Option(help='A time zone; "" for the company\'s.')] = None,
    calendar: Annotated[str | None, typer.Option(help='A calendar; "" for the team\'s.')] = None,
    skill: Annotated[list[str] | None, typer.Option(help="All of their skills.")] = None,
    territory: Annotated[list[str] | None, typer.Option(help="All of their territories.")] = None,
) -> None:
    """Where and when somebody works and what they can do; what is not given stays."""
    run(_profile(email, zone, calendar, skill, territory))


async def _add(email: str, role: str, name: str, language: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await people.ensure_roles(session)
        made = await people.create_user(
            session, SYSTEM, email=email, name=name, role=role, language=language
        )
    _say_password(made.email, made.one_time_password)


async def _list() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        everybody = await people.list_users(session, SYSTEM)
    table = Table("E-mail", "Name", "Role", "Language", "State")
    for person in everybody:
        state = "active" if person.active else "deactivated"
        if person.active and person.must_change_password:
            state = "has not changed the first password"
        table.add_row(
            person.email or "-",
            person.name,
            people.ROLES.get(person.role, person.role),
            person.language,
            state,
        )
    Console().print(table)


async def _password(email: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        person = await people.find_user(session, SYSTEM, email)
        new = await people.reset_password(session, SYSTEM, person.id)
    _say_password(email, new)


async def _deactivate(email: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        person = await people.find_user(session, SYSTEM, email)
        await people.deactivate_user(session, SYSTEM, person.id, runtime.now())
    typer.echo(f"{person.name} can no longer sign in.")
    typer.echo(
        "What they were asked to decide goes to others by its own rules. What they own stays "
        f"theirs: `cadenza handover preview {email} --give all=team:NAME` shows who could take it."
    )


async def _manager(email: str, above: str | None) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        person = await people.find_user(session, SYSTEM, email)
        manager = await people.find_user(session, SYSTEM, above) if above else None
        above_id = manager.id if manager else None
        await profiles.set_manager(session, SYSTEM, person.id, above_id, runtime.now())
    typer.echo(f"{person.name} reports to {manager.name if manager else 'nobody'}.")


async def _profile(
    email: str,
    zone: str | None,
    calendar: str | None,
    skills: list[str] | None,
    territories: list[str] | None,
) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        user_id = (await people.find_user(session, SYSTEM, email)).id
        known = (await PeopleShelf().directory(session)).people[user_id]
        given = Profile(
            known.zone if zone is None else zone or None,
            known.calendar if calendar is None else calendar or None,
            tuple(known.skills if skills is None else (one for one in skills if one)),
            tuple(
                known.territories if territories is None else (one for one in territories if one)
            ),
        )
        kept = await profiles.set_profile(session, SYSTEM, user_id, given, runtime.now())
    words = [kept.zone or "the company's zone", kept.calendar or "the team's calendar"]
    words += [f"skills: {', '.join(kept.skills) or 'none'}"]
    words += [f"territories: {', '.join(kept.territories) or 'none'}"]
    typer.echo(f"{known.name}: {'; '.join(words)}.")


def _say_password(email: str, password: str) -> None:
    typer.echo(f"{email} signs in once with the password {password} and then chooses another.")
