"""`cadenza role`: what somebody may do, to whose records, and which fields they are not shown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from engine.cli._flow_text import text_of
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.services.actor import SYSTEM
from engine.services.people import ensure_roles
from engine.services.roles.keeping import (
    change_role,
    list_roles,
    make_role,
    remove_role,
    show_role,
)
from engine.services.roles.written import WrittenRole, read_role, written

app = typer.Typer(
    help="What people may do, to whose records, and what they are not shown.", no_args_is_help=True
)

Key = Annotated[str, typer.Argument(help="The role's key, as list shows it.")]


@app.command(name="list")
def list_() -> None:
    """All roles, and how many people have each."""
    run(_list())


@app.command()
def show(key: Key) -> None:
    """One role as a file that put takes; one that comes with Cadenza as a copy of it."""
    run(_show(key))


@app.command()
def put(
    file: Annotated[Path, typer.Argument(help="The role as YAML, as show prints it.")],
) -> None:
    """Make the role of a file, or replace the one that it names by its key with role: KEY."""
    run(_put(read_role(text_of(file))))


@app.command()
def delete(key: Key) -> None:
    """Remove a role that nobody has."""
    run(_delete(key))


async def _list() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await ensure_roles(session)
        found = await list_roles(session, SYSTEM)
    table = Table("Role", "Called", "People", "Comes from", "For")
    for one in found:
        origin = "Cadenza" if one.shipped else "an admin"
        table.add_row(one.key, escape(one.label), str(one.people), origin, escape(one.description))
    Console().print(table)


async def _show(key: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await ensure_roles(session)
        role = await show_role(session, SYSTEM, key)
    typer.echo(written(role), nl=False)


async def _put(role: WrittenRole) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await ensure_roles(session)
        if role.key is not None:
            await change_role(
                session,
                SYSTEM,
                role.key,
                revision=None,
                label=role.label,
                description=role.description,
                allow=role.allow,
                hidden=role.hidden,
            )
            said = f"The role {role.key} was changed; its people may do what it says in seconds."
        else:
            key = await make_role(
                session,
                SYSTEM,
                label=role.label,
                description=role.description,
                allow=role.allow,
                hidden=role.hidden,
            )
            said = f"The role {key} was made."
    typer.echo(said)


async def _delete(key: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await remove_role(session, SYSTEM, key)
    typer.echo(f"The role {key} was removed.")
