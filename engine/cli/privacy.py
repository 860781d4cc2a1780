"""`cadenza privacy`: what people may ask about their data, and how long rows stay."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO, Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from engine.cli._given import as_lines
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.errors import Conflict, NotFound
from engine.services import privacy, retention
from engine.services.actor import SYSTEM

app = typer.Typer(
    help="What people may ask about their data, and how long rows stay.", no_args_is_help=True
)
Number = Annotated[int, typer.Argument(min=1, help="The contact's number.")]
Kind = Annotated[str, typer.Argument(help="The kind of rows, as `cadenza privacy rules` lists.")]
Request = Annotated[int, typer.Argument(min=1, help="The request's number.")]


@app.command()
def export(
    contact: Number,
    file: Annotated[Path, typer.Argument(help="The archive to write; nothing may be there.")],
) -> None:
    """Write everything about a contact into an archive."""
    if file.exists():
        raise Conflict(f"{file} is there already. Choose another name, or move it away.")
    with tempfile.TemporaryDirectory(dir=file.absolute().parent) as scratch:
        beside = Path(scratch) / file.name
        with beside.open("wb") as out:
            told = run(_export(contact, out))
        beside.rename(file)
    for kind, count in told.rows.items():
        typer.echo(f"{kind}\t{count}")
    typer.echo(f"{file} has everything about contact {told.contact_id}.", err=True)


@app.command()
def erase(
    contact: Number,
    request: Annotated[int | None, typer.Option(min=1, help="The request it answers.")] = None,
) -> None:
    """Erase a contact, look everywhere for what is left, and print the certificate."""
    run(_erase(contact, request))


@app.command(name="open")
def open_(
    kind: Annotated[Literal["export", "erase"], typer.Argument(help="What they asked for.")],
    contact: Number,
    note: Annotated[str, typer.Option(help="How it came; cleared when they are erased.")] = "",
) -> None:
    """Write down that a person asked; due in 30 days."""
    run(_open(kind, contact, note))


@app.command()
def requests(
    all_: Annotated[bool, typer.Option("--all", help="Those that are closed too.")] = False,
) -> None:
    """Requests, those due first first."""
    run(_requests(all_))


@app.command()
def show(request: Request) -> None:
    """One request; of an erasure its certificate, as JSON."""
    run(_show(request))


@app.command()
def done(request: Request) -> None:
    """Close a request for data that the person was given."""
    run(_done(request))


@app.command()
def decline(
    request: Request, reason: Annotated[str, typer.Argument(help="Why, as they are told.")]
) -> None:
    """Close a request without doing it."""
    run(_decline(request, reason))


@app.command()
def rules() -> None:
    """How long rows of each kind stay."""
    run(_rules())


@app.command()
def keep(
    kind: Kind,
    days: Annotated[str, typer.Argument(help="How many days, or for_ever.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would go.")] = False,
) -> None:
    """Say how long rows of a kind stay. What is old goes once a day."""
    run(_keep(kind, days, dry_run))


@app.command()
def apply() -> None:
    """Take out now what the rules call old."""
    run(_apply())


async def _export(contact: int, out: IO[bytes]) -> privacy.Exported:
    async with opened(temporal=False) as runtime:
        return await privacy.export_person(runtime.store, SYSTEM, contact, out, runtime.now())


async def _erase(contact: int, request: int | None) -> None:
    async with opened(temporal=False) as runtime:
        made = await privacy.erase_and_certify(
            runtime.store,
            SYSTEM,
            contact,
            now=runtime.now(),
            zone=runtime.settings.company.default_zone,
            request_id=request,
        )
    for table, count in sorted(made.rows.items()):
        typer.echo(f"{table}\t{count}")
    for table, count in sorted((made.found or {}).items()):
        typer.echo(f"still in {table}\t{count}")
    typer.echo(f"Contact {contact} is erased; {made.runs_ended} runs ended.", err=True)


async def _open(kind: str, contact: int, note: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        new = privacy.NewRequest(kind, contact, note=note)
        row = await privacy.open_request(session, SYSTEM, new, runtime.now())
    typer.echo(f"Request {row.id} is due by {row.due_at:%Y-%m-%d}.")


async def _requests(all_: bool) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        state = None if all_ else "open"
        found = await privacy.list_requests(session, SYSTEM, state=state, limit=1_000)
        now = runtime.now()
    table = Table("Request", "What", "Contact", "State", "Due (UTC)", "By")
    for row in found:
        due = f"{row.due_at:%Y-%m-%d}{' late' if row.is_late(now) else ''}"
        by = row.done_by or row.opened_by
        table.add_row(str(row.id), row.kind, str(row.contact_number), row.state, due, by)
    Console().print(table)


async def _show(request: int) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        row = await privacy.request_of(session, SYSTEM, request)
    said = f"{row.kind} for contact {row.contact_number}, {row.state}, due {row.due_at:%Y-%m-%d}"
    closed = "" if row.done_at is None else f"; {row.done_at:%Y-%m-%d} by {row.done_by}"
    typer.echo(f"{said}{closed}", err=True)
    if row.reason:
        typer.echo(row.reason, err=True)
    if row.certificate is not None:
        typer.echo(as_lines(dict(row.certificate)))


async def _done(request: int) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await privacy.complete_export(session, SYSTEM, request, runtime.now())
    typer.echo(f"Request {request} is done.")


async def _decline(request: int, reason: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await privacy.decline_request(session, SYSTEM, request, reason, runtime.now())
    typer.echo(f"Request {request} is declined.")


async def _rules() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await retention.retention_rules(session, SYSTEM)
    table = Table("Kind", "Kept", "At least", "Last applied (UTC)", "Taken out")
    for row in found:
        kept = "for ever" if row.keep_days is None else f"{row.keep_days} days"
        applied = "-" if row.applied_at is None else f"{row.applied_at:%Y-%m-%d %H:%M}"
        table.add_row(row.kind, kept, f"{row.least_days} days", applied, f"{row.removed:,}")
    Console().print(table)


async def _keep(kind: str, days: str, dry_run: bool) -> None:
    if days != "for_ever" and not days.isdecimal():
        raise NotFound('Say how many days, such as 365, or "for_ever".')
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        if days == "for_ever":
            await retention.forget_rule(session, SYSTEM, kind)
            typer.echo(f"{kind} stay for ever.")
            return
        now = runtime.now()
        count = await retention.preview_rule(session, SYSTEM, kind, int(days), now)
        if not dry_run:
            await retention.set_rule(session, SYSTEM, kind, int(days), now)
    verb = "would go now" if dry_run else "go within a day"
    typer.echo(f"{kind}: {count} rows are older than {days} days and {verb}.")


async def _apply() -> None:
    async with opened(temporal=False) as runtime:
        removed = await retention.apply_retention(runtime.store, runtime.now())
    for kind, count in removed.items():
        typer.echo(f"{kind}\t{count}")
    typer.echo("Nothing has a rule." if not removed else "Done.", err=True)
