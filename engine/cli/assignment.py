"""`cadenza assignment`: who gets a record by the rules, and what waits for somebody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from engine.assignment import overlaps as overlaps_of
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.definitions import World
from engine.errors import Problem, Refused
from engine.people import Directory
from engine.services.actor import SYSTEM
from engine.services.assigning.routes import RecordName, rules_named
from engine.services.assigning.rules import Assigned, assign_now, try_rules
from engine.services.assigning.waiting import look_at_queue
from engine.services.work import Work, working

app = typer.Typer(help="Who gets a contact, deal or ticket.", no_args_is_help=True)

Rules = Annotated[str, typer.Argument(help="The name of published rules.")]
Contact = Annotated[list[int] | None, typer.Option("--contact", min=1, help="A contact's number.")]
Deal = Annotated[list[int] | None, typer.Option("--deal", min=1, help="A deal's number.")]
Ticket = Annotated[list[int] | None, typer.Option("--ticket", min=1, help="A ticket's number.")]


@app.command(name="try")
def try_(rules: Rules, contact: Contact = None, deal: Deal = None, ticket: Ticket = None) -> None:
    """Who would get these records now, and who is passed over and why. Nothing is changed."""
    run(_ask(rules, *_meant(contact, deal, ticket), is_try=True))


@app.command()
def give(rules: Rules, contact: Contact = None, deal: Deal = None, ticket: Ticket = None) -> None:
    """Give these records to whoever the rules choose."""
    run(_ask(rules, *_meant(contact, deal, ticket), is_try=False))


@app.command()
def queue(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
) -> None:
    """Records that nobody can take just now, in the order in which they came."""
    run(_queue(limit))


@app.command()
def overlaps(rules: Rules) -> None:
    """Rules that can hold of the same record, with a made-up one that shows it. The first wins."""
    run(_overlaps(rules))


def _meant(
    contact: list[int] | None, deal: list[int] | None, ticket: list[int] | None
) -> tuple[RecordName, list[int]]:
    named: list[tuple[RecordName, list[int]]] = []
    for kind, ids in (("contact", contact), ("deal", deal), ("ticket", ticket)):
        if ids:
            named.append((kind, ids))  # type: ignore[arg-type]  # the three kinds there are
    if len(named) != 1:
        problem = Problem("--contact", "one_kind", "name records of one kind.")
        raise Refused("Say which records: --contact, --deal or --ticket.", [problem])
    return named[0]


@asynccontextmanager
async def _work(*, temporal: bool) -> AsyncIterator[Work]:
    async with opened(temporal=temporal) as runtime:
        now = runtime.now()
        async with working(runtime.store, runtime.shared, runtime.pokes, now) as work:
            yield work


async def _ask(rules: str, kind: RecordName, ids: list[int], *, is_try: bool) -> None:
    async with _work(temporal=not is_try) as work:
        ask = try_rules if is_try else assign_now
        found = await ask(work, SYSTEM, rules, kind, ids)
        people = await work.directory()
    table = Table(kind.capitalize(), "Goes to", "By", "Passed over")
    for id_, one in sorted(found.items()):
        table.add_row(str(id_), _taker(one, people), _rule(one), _passed(one, people))
    Console().print(table)
    for missing in sorted(set(ids) - found.keys()):
        typer.echo(f"There is no {kind} {missing}.")


def _taker(one: Assigned, people: Directory) -> str:
    if one.user_id is None:
        return "waits in the queue"
    return f"{_name(one.user_id, people)}{' (kept)' if one.why.get('kept') else ''}"


def _rule(one: Assigned) -> str:
    tried: list[dict[str, Any]] = one.why.get("tried", [])
    return f"{tried[-1]['rule']}, {tried[-1]['by']}" if tried else "no rule holds"


def _passed(one: Assigned, people: Directory) -> str:
    passed = [who for rule in one.why.get("tried", []) for who in rule.get("passed", [])]
    return ", ".join(f"{_name(who['user_id'], people)}: {who['why']}" for who in passed)


def _name(user_id: int, people: Directory) -> str:
    person = people.people.get(user_id)
    return str(user_id) if person is None else person.email or person.name


async def _queue(limit: int) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await look_at_queue(session, SYSTEM, limit=limit)
    table = Table("Record", "Rules", "Team", "Waits since", "Tried", "Again at")
    for one in found:
        table.add_row(
            f"{one.kind} {one.record_id}",
            one.rules,
            one.team or "-",
            f"{one.queued_at:%Y-%m-%d %H:%M}",
            str(one.tries),
            f"{one.look_again_at:%Y-%m-%d %H:%M}",
        )
    Console().print(table)


async def _overlaps(rules: str) -> None:
    async with _work(temporal=False) as work:
        model = (await rules_named(work.session, rules)).model
        found = overlaps_of(model, World(catalogue=await work.catalogue()))
    for one in found:
        first, second = (model.rules[int(at[1:])].name for at in (one.others[0], one.pointer))
        typer.echo(f'"{first}" and "{second}" both hold of {one.example}.')
    if not found:
        typer.echo("No two rules cross.")
