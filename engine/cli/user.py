"""`cadenza user`: people who sign in."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.services import people
from engine.services.actor import SYSTEM

app = typer.Typer(help="People who sign in.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="The address they sign in with.")]


@app.command()
def add(
    email: Email,
    role: Annotated[str, typer.Option(help=f"One of {', '.join(people.ROLES)}.")] = "viewer",
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
    """Let somebody sign in no more. What they own stays theirs."""
    run(_deactivate(email))


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
            person.email or "-", person.name, people.ROLES[person.role], person.language, state
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
        await people.deactivate_user(session, SYSTEM, person.id)
    typer.echo(f"{person.name} can no longer sign in.")


def _say_password(email: str, password: str) -> None:
    typer.echo(f"{email} signs in once with the password {password} and then chooses another.")
