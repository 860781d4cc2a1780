"""`cadenza session`: where people are signed in, and ending it there."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.errors import Problem, Refused
from engine.services.actor import SYSTEM
from engine.services.people import find_user
from engine.services.sessions.of_others import (
    KnownSession,
    end_session,
    end_sessions_of,
    list_sessions,
)

app = typer.Typer(help="Where people are signed in.", no_args_is_help=True)
MOST = 200

Of = Annotated[str | None, typer.Option("--of", help="The address of one person.")]


@app.command(name="list")
def list_(
    of: Of = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="So many at most.")] = MOST,
) -> None:
    """Sign-ins that last, the one begun last first."""
    run(_list(of, limit))


@app.command()
def end(
    number: Annotated[int | None, typer.Argument(help="Its number, as list shows it.")] = None,
    of: Of = None,
) -> None:
    """End one sign-in, or with --of all of somebody's. Pages open there close within seconds."""
    if (number is None) == (of is None):
        problem = Problem(
            "--of", "missing", "name one sign-in by its number, or a person with --of"
        )
        raise Refused("Nothing was ended.", [problem])
    run(_end(number, of))


async def _list(of: str | None, limit: int) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        user_id = None if of is None else (await find_user(session, SYSTEM, of)).id
        found = await list_sessions(
            session, SYSTEM, runtime.now(), user_id=user_id, limit=limit + 1
        )
    if not found:
        typer.echo("Nobody is signed in.")
        return
    table = Table("Number", "Who", "By", "From", "With", "Since", "Last seen")
    for one in found[:limit]:
        table.add_row(*_row(one))
    Console().print(table)
    if len(found) > limit:
        typer.echo(f"There are more than these {limit}: ask for more with --limit.")


async def _end(number: int | None, of: str | None) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        if number is not None:
            await end_session(session, SYSTEM, number)
            ended = 1
        else:
            person = await find_user(session, SYSTEM, of or "")
            ended = await end_sessions_of(session, SYSTEM, person.id)
    typer.echo(f"{ended} sign-in{'' if ended == 1 else 's'} ended.")


def _row(one: KnownSession) -> tuple[str, ...]:
    who = escape(one.email or one.user)
    since, seen = (f"{at:%Y-%m-%d %H:%M} UTC" for at in (one.created_at, one.last_seen_at))
    means = one.means.replace("_", " ")
    return str(one.id), who, means, one.address or "-", escape(one.device or "-"), since, seen
