"""`cadenza table`: decision tables as CSV files, checked, tried and saved."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from crm_store.contact_lookup import contact_id_called
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.cli.flow import text_of
from engine.errors import NotFound, Problem, Refused
from engine.rules.tables import Table, TableRefused, from_csv
from engine.services import decision_tables
from engine.services.actor import SYSTEM

app = typer.Typer(help="Decision tables: who gets what.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="The table's CSV file.")]
Name = Annotated[str, typer.Argument(help="The table's name.")]
Contact = Annotated[str, typer.Argument(help="An address or a contact's number.")]


@app.command()
def check(file: File) -> None:
    """Say what is wrong or doubtful, by row and column: dead rows, overlaps, gaps."""
    run(_check(file))


@app.command()
def save(file: File) -> None:
    """Make a table from a file, or change the one of that name."""
    run(_save(file))


@app.command(name="list")
def list_() -> None:
    """Names and labels of all tables."""
    run(_list())


@app.command()
def export(name: Name) -> None:
    """Write a table as CSV to standard output."""
    run(_export(name))


@app.command()
def delete(name: Name) -> None:
    """Remove a table."""
    run(_delete(name))


@app.command()
def evaluate(
    file: File, contact: Contact, chinese: Annotated[bool, typer.Option("--zh")] = False
) -> None:
    """Ask a file's table about a contact: what it answers, by which rows, and why."""
    run(_evaluate(file, contact, "zh" if chinese else "en"))


def _read(file: Path) -> Table:
    try:
        return from_csv(text_of(file))
    except TableRefused as refused:
        raise Refused(
            f"The table in {file.name} has mistakes.",
            [Problem(one.place, one.code, one.message) for one in refused.problems],
        ) from refused


async def _check(file: Path) -> None:
    table = _read(file)
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await decision_tables.check_document(session, SYSTEM, table.document())
    for problem in found:
        typer.echo(f"{problem}{' (warning)' if problem.warning else ''}")
        if problem.example is not None:
            Console().print_json(data=problem.example, default=str)
    if any(not problem.warning for problem in found):
        raise typer.Exit(1)
    typer.echo(f'"{table.name}" can be saved: {len(table.rows)} rows.')


async def _save(file: Path) -> None:
    text = text_of(file)
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        saved = await decision_tables.save_csv(session, SYSTEM, text, runtime.now())
        name = saved.name
    typer.echo(f'"{name}" is saved.')


async def _list() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        for one in await decision_tables.list_tables(session, SYSTEM):
            typer.echo(f"{one.name}\t{one.label}\t{len(one.document['rows'])} rows")


async def _export(name: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        text = await decision_tables.table_as_csv(session, SYSTEM, name)
    typer.echo(text, nl=False)


async def _delete(name: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await decision_tables.delete_table(session, SYSTEM, name)
    typer.echo(f'"{name}" is gone.')


async def _evaluate(file: Path, contact: str, language: str) -> None:
    table = _read(file)
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        called = int(contact) if contact.isdecimal() else contact
        contact_id = await contact_id_called(session, called)
        if contact_id is None:
            raise NotFound(f'There is no contact "{contact}".')
        zone = runtime.settings.company.default_zone
        answer = await decision_tables.try_table(
            session, SYSTEM, table.document(), contact_id, runtime.now(), zone
        )
    for hit, why in zip(answer.decision.hits, answer.why, strict=True):
        typer.echo(f"row {hit.row}: {why[language]}")
        Console().print_json(data=dict(hit.outputs), default=str)
    if not answer.decision.hits:
        typer.echo("No row holds.")
