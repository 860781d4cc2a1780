"""`cadenza segment`: saved rules and static lists, who is in them and why."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from crm_store.contact_lookup import contact_id_called
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.cli.flow import text_of
from engine.errors import NotFound
from engine.rules.wording import sentence
from engine.runtime import Runtime
from engine.services.actor import SYSTEM
from engine.services.plans import current_catalogue
from engine.services.segments import editing, files, lists, looking

app = typer.Typer(help="Saved rules and static lists, with their members.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The segment's name.")]
File = Annotated[Path, typer.Argument(help="The segment's YAML file.")]
People = Annotated[
    list[str], typer.Argument(help="E-mail addresses, numbers of contacts, or external ids.")
]


@app.command(name="list")
def list_() -> None:
    """Names, kinds, sizes and states of all segments."""
    run(_list())


@app.command()
def show(name: Name) -> None:
    """One segment: its rule, who uses it, and when it is looked at next."""
    run(_show(name))


@app.command()
def check(file: File) -> None:
    """Say everything that is wrong with a segment file, by line. Nothing is stored."""
    run(_check(file))


@app.command()
def save(file: File) -> None:
    """Make a segment from a file, or change the one of that name."""
    run(_save(file))


@app.command()
def delete(name: Name) -> None:
    """Remove a segment that nothing uses."""
    run(_delete(name))


@app.command()
def recount(
    name: Annotated[str | None, typer.Argument(help="One segment; without it all.")] = None,
) -> None:
    """Ask everybody anew, in the background."""
    run(_recount(name))


@app.command()
def members(
    name: Name,
    after: Annotated[int, typer.Option(help="Go on after this contact's number.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=500, help="At most so many.")] = 50,
) -> None:
    """Who is in a segment, a page at a time."""
    run(_members(name, after, limit))


@app.command()
def why(
    name: Name, contact: Annotated[str, typer.Argument(help="An address or a contact's number.")]
) -> None:
    """Why a contact is in a segment, or why not."""
    run(_why(name, contact))


@app.command()
def add(name: Name, people: People) -> None:
    """Put contacts on a static list."""
    run(_change(name, people, enters=True))


@app.command()
def remove(name: Name, people: People) -> None:
    """Take contacts off a static list."""
    run(_change(name, people, enters=False))


async def _list() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await looking.list_segments(session, SYSTEM)
    table = Table("Name", "Kind", "Members", "State", "Right as of")
    for one in found:
        table.add_row(one.name, one.kind, _number(one.size), one.state, _moment(one.counted_at))
    Console().print(table)


async def _show(name: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await looking.show_segment(session, SYSTEM, name)
    one = found.summary
    typer.echo(f"{one.name}: {one.label}, {one.kind}, {one.state}")
    typer.echo(f"members: {_number(one.size)}, right as of {_moment(one.counted_at)}")
    typer.echo(f"next look: {_moment(one.due_at)}")
    if found.used_by:
        typer.echo(f"used by: {found.used_by.in_words()}")
    if found.rule is not None:
        Console().print_json(data=found.rule)


async def _check(file: Path) -> None:
    source = text_of(file)
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        new = await files.check_file(session, source, file.name)
    typer.echo(f'"{new.name}" can be saved.')


async def _save(file: Path) -> None:
    source = text_of(file)
    async with opened() as runtime:
        async with runtime.store.transaction() as session:
            saved = await files.save_file(session, SYSTEM, source, file.name, runtime.now())
            name, state = saved.name, saved.state
        runtime.pokes.segments()
    typer.echo(f'"{name}" is saved; its members are {state}.')


async def _delete(name: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await editing.delete_segment(session, SYSTEM, name)
    typer.echo(f'"{name}" is gone.')


async def _recount(name: str | None) -> None:
    async with opened() as runtime:
        async with runtime.store.transaction() as session:
            asked = await editing.ask_recount(session, SYSTEM, runtime.now(), name)
        runtime.pokes.segments()
    typer.echo(f"{asked} segments are being counted anew.")


async def _members(name: str, after: int, limit: int) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        page = await looking.members(session, SYSTEM, name, after=after, limit=limit)
    for row in page:
        called = " ".join(part for part in (row.first_name, row.last_name) if part)
        typer.echo(f"{row.contact_id}\t{row.email or '-'}\t{called}\t{_moment(row.entered_at)}")


async def _why(name: str, contact: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        contact_id = await contact_id_called(
            session, int(contact) if contact.isdecimal() else contact
        )
        if contact_id is None:
            raise NotFound(f'There is no contact "{contact}".')
        zone = runtime.settings.company.default_zone
        found = await looking.why(session, SYSTEM, name, contact_id, runtime.now(), zone)
        catalogue = await current_catalogue(session)
    inside = f"is in {name} since {_moment(found.entered_at)}"
    typer.echo(f"Contact {contact_id} {inside if found.is_member else f'is not in {name}'}.")
    if found.explained is None:
        typer.echo("The list is kept by hand.")
    else:
        typer.echo(sentence(found.explained, "en", catalogue))


async def _change(name: str, people: list[str], *, enters: bool) -> None:
    async with opened() as runtime:
        async with runtime.store.transaction() as session:
            deed = lists.add_to_list if enters else lists.remove_from_list
            done = await deed(
                session, SYSTEM, name, _called(people), _where(runtime), runtime.now()
            )
        runtime.pokes.dispatch(done.partitions)
    how = "put on" if enters else "taken off"
    typer.echo(f"{done.moved} {how} the list, {done.unchanged} were so already.")
    for unknown in done.unknown:
        typer.echo(f"Nobody is known as {unknown}.", err=True)
    if done.unknown:
        raise typer.Exit(1)


def _called(people: list[str]) -> lists.Called:
    emails = [one for one in people if "@" in one]
    numbers = [int(one) for one in people if one.isdecimal()]
    others = [one for one in people if "@" not in one and not one.isdecimal()]
    return lists.Called(emails, others, numbers)


def _where(runtime: Runtime) -> lists.Where:
    settings = runtime.settings
    return lists.Where(settings.company.default_zone, settings.drivers.dispatch_partitions)


def _number(size: int | None) -> str:
    return "-" if size is None else f"{size:,}"


def _moment(moment: datetime | None) -> str:
    return "-" if moment is None else moment.strftime("%Y-%m-%d %H:%M UTC")
