"""`cadenza form`: forms that anybody may send, and what was sent with them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from engine.cli._given import as_line, as_lines, json_in
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.errors import NotFound
from engine.services import forms
from engine.services.actor import SYSTEM

app = typer.Typer(help="Forms that anybody may send.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The form's name, which ends its address.")]


@app.command(name="list")
def list_() -> None:
    """Every form, where it stands and when it was last used."""
    run(_list())


@app.command()
def show(name: Name) -> None:
    """One form as JSON; `put` takes the same."""
    run(_show(name))


@app.command()
def put(
    name: Name,
    file: Annotated[Path, typer.Argument(help="A JSON file, as `cadenza form show` prints it.")],
    draft: Annotated[
        bool, typer.Option("--draft", help="A new one is there for nobody until it is resumed.")
    ] = False,
) -> None:
    """Make a form, or replace what there is under this name."""
    run(_put(name, json_in(file, "The form was not saved."), draft=draft))


@app.command()
def pause(name: Name) -> None:
    """Whoever opens or sends it is told that it is not there any more."""
    run(_switch(name, active=False))


@app.command()
def resume(name: Name) -> None:
    """Let people open and send it."""
    run(_switch(name, active=True))


@app.command()
def remove(name: Name) -> None:
    """It cannot be sent any more. What was sent stays."""
    run(_remove(name))


@app.command()
def sent(
    name: Name,
    most: Annotated[int, typer.Option(min=1, max=1_000, help="How many lines.")] = 50,
) -> None:
    """What was sent with it, the newest first, a JSON document a line."""
    run(_sent(name, most))


async def _list() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await forms.list_forms(session, SYSTEM)
    table = Table("Form", "Title", "Address", "State", "Last used (UTC)")
    for one in found:
        used = "-" if one.last_used_at is None else f"{one.last_used_at:%Y-%m-%d %H:%M}"
        state = "active" if one.active else "paused"
        address = f"{runtime.public_url}/f/{one.name}"
        table.add_row(one.name, escape(one.form.title), address, state, used)
    Console().print(table)


async def _show(name: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await forms.read_form(session, SYSTEM, name)
    typer.echo(as_lines(found.form.as_json()))


async def _put(name: str, given: Any, *, draft: bool) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        now = runtime.now()
        try:
            await forms.change_form(session, SYSTEM, name, given, now)
            said = "is replaced"
        except NotFound:
            await forms.add_form(session, SYSTEM, name, given, now, active=not draft)
            said = "waits to be resumed" if draft else "is there"
    typer.echo(f"The form {name} {said}: {runtime.public_url}/f/{name}")


async def _switch(name: str, *, active: bool) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await forms.set_form_active(session, SYSTEM, name, active)
    typer.echo(f"{name} is {'active' if active else 'paused'}.")


async def _remove(name: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await forms.remove_form(session, SYSTEM, name)
    typer.echo(f"{name} is removed.")


async def _sent(name: str, most: int) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await forms.list_submissions(session, SYSTEM, name, limit=most)
    for one in found:
        line = {"at": one.sent_at, "contact": one.contact_id, "answers": dict(one.answers)}
        typer.echo(as_line(line))
