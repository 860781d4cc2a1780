"""`cadenza ticket`: questions and complaints, and what is promised for them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from engine.cli._flow_text import text_of
from engine.cli._loop import run
from engine.cli._person import As, person
from engine.cli._runtime import opened
from engine.services import tickets
from engine.services.actor import SYSTEM
from engine.services.tickets import ShownTicket, TicketFilter
from engine.services.work import working

app = typer.Typer(help="Questions and complaints, answered in time.", no_args_is_help=True)

Number = Annotated[int, typer.Argument(help="The number of the ticket.")]


@app.command(name="list")
def list_(
    status: Annotated[str, typer.Option(help="One status, unsolved, or all.")] = "unsolved",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 50,
) -> None:
    """Tickets, the newest first."""
    run(_list(status, limit))


@app.command()
def show(ticket: Number) -> None:
    """One ticket: its clocks, and what was said."""
    run(_show(ticket))


@app.command()
def answer(
    ticket: Number,
    text: Annotated[str, typer.Argument(help="What the customer can read.")],
    as_: As,
    then: Annotated[
        str | None, typer.Option(help="The status it leaves, such as pending or solved.")
    ] = None,
    internal: Annotated[
        bool, typer.Option("--internal", help="A note among ourselves instead.")
    ] = False,
) -> None:
    """Say something on a ticket. The first answer stops the response clock."""
    run(_answer(ticket, text, as_, then, internal))


@app.command()
def status(
    ticket: Number,
    to: Annotated[str, typer.Argument(help="open, pending, on_hold, solved or closed.")],
    as_: As,
) -> None:
    """Put a ticket into another status; while pending both clocks stand still."""
    run(_status(ticket, to, as_))


@app.command()
def policy(
    file: Annotated[
        Path | None, typer.Argument(help="Let the policy in this file count from now on.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Say its mistakes, and change nothing.")
    ] = False,
) -> None:
    """What is promised for new tickets: show it, check a file, or let a file count."""
    run(_policy(file, check=check))


async def _list(status: str, limit: int) -> None:
    wanted = TicketFilter(status=None if status == "all" else status)
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await tickets.list_tickets(session, SYSTEM, wanted, limit=limit)
    for one in found:
        opened_at = f"{one.opened_at:%Y-%m-%d %H:%M}Z"
        owner = "-" if one.owner_id is None else str(one.owner_id)
        typer.echo(f"{one.id}\t{one.status}\t{one.priority}\t{owner}\t{opened_at}\t{one.subject}")


async def _show(ticket: int) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        zone = runtime.shared.default_zone
        found = await tickets.show_ticket(session, SYSTEM, ticket, runtime.now(), zone)
    _print(found)


async def _answer(ticket: int, text: str, as_: str, then: str | None, internal: bool) -> None:
    async with (
        opened() as runtime,
        working(runtime.store, runtime.shared, runtime.pokes, runtime.now()) as work,
    ):
        actor = await person(work.session, as_)
        if internal:
            await tickets.note(work, actor, ticket, text)
        else:
            await tickets.answer(work, actor, ticket, text, then=then)
    typer.echo(f"Said on ticket {ticket}.")


async def _status(ticket: int, to: str, as_: str) -> None:
    async with (
        opened() as runtime,
        working(runtime.store, runtime.shared, runtime.pokes, runtime.now()) as work,
    ):
        await tickets.set_status(work, await person(work.session, as_), ticket, to)
    typer.echo(f"Ticket {ticket} is {to}.")


async def _policy(file: Path | None, *, check: bool) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        if file is None:
            seen = await tickets.see_policy(session, SYSTEM)
            typer.echo(seen.source, nl=not seen.source.endswith("\n"))
            return
        source = text_of(file)
        if check:
            await tickets.check_source(session, SYSTEM, source, file=file.name)
            typer.echo(f"{file.name} is right.")
            return
        seen = await tickets.save_policy(session, SYSTEM, source, runtime.now(), file=file.name)
    typer.echo(f"Version {seen.version} of the ticket policy counts for new tickets.")


def _print(ticket: ShownTicket) -> None:
    console, row = Console(), ticket.row
    console.print(f"[bold]Ticket {row['id']}: {escape(row['subject'])}[/bold]")
    owner = "nobody" if row["owner_id"] is None else f"user {row['owner_id']}"
    console.print(f"{row['status']}, {row['priority']}, of {owner}")
    if row["satisfaction_score"] is not None:
        console.print(f"satisfaction: {row['satisfaction_score']} of 5")
    table = Table("clock", "promised", "spent", "runs", "due", box=None)
    for one in ticket.clocks:
        due = "over" if one.breached else "-"
        due = f"{one.due_at:%Y-%m-%d %H:%M}Z" if one.due_at else due
        runs = "yes" if one.running else "no"
        table.add_row(one.clock, _length(one.limit), _length(one.spent), runs, due)
    console.print(table)
    for said in ticket.comments:
        who = said.author or ("the customer" if said.author_kind == "contact" else "Cadenza")
        mark = " (internal)" if said.internal else ""
        console.print(f"{said.created_at:%Y-%m-%d %H:%M}Z {escape(who)}{mark}:")
        console.print(escape(said.body), highlight=False)


def _length(span: timedelta) -> str:
    hours, rest = divmod(round(span.total_seconds()), 3600)
    return f"{hours}h{rest // 60:02d}m"
