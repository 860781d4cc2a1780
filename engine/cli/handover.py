"""`cadenza handover`: one person's work going to others, and coming back."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.errors import Problem, Refused
from engine.people import Directory
from engine.runtime import Runtime
from engine.services import handover
from engine.services.actor import SYSTEM
from engine.services.handover import Handed, Plan
from engine.services.people import find_user
from engine.services.work import Work, working

app = typer.Typer(help="Hand a person's work over to others.", no_args_is_help=True)

Whose = Annotated[str, typer.Argument(help="The address of the person whose work it is.")]
Shares = Annotated[
    list[str],
    typer.Option(
        "--give",
        help="KIND=TAKERS or KIND:WAY=TAKERS. Kinds: contact, deal, ticket, task, approval, case, "
        "all. Ways: one, evenly, load, territory, with_contact. Takers: addresses and team:NAME, "
        "with commas between.",
    ),
]
Number = Annotated[int, typer.Argument(min=1, help="The number that `start` gave.")]


@app.command()
def preview(whose: Whose, give: Shares) -> None:
    """Who would get what, with samples. Nothing is changed."""
    run(_preview(whose, read_shares(give)))


@app.command()
def start(
    whose: Whose,
    give: Shares,
    return_on: Annotated[
        str | None, typer.Option(help="The day on which it goes back, such as 2026-09-01.")
    ] = None,
    note: Annotated[str | None, typer.Option(help="Why, for those who look later.")] = None,
) -> None:
    """Begin to hand over; it is carried out in the background."""
    run(_start(whose, read_shares(give), _day(return_on), note))


@app.command()
def show(
    number: Annotated[int | None, typer.Argument(min=1, help="One of them.")] = None,
) -> None:
    """A handover and how far it is, or the latest ones."""
    run(_show(number))


@app.command(name="return")
def return_(
    number: Number,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would come back.")] = False,
) -> None:
    """Give back now what the takers still have and is still open."""
    run(_return(number, dry_run))


@app.command()
def cancel(number: Number) -> None:
    """Give nothing more. What changed hands stays; `return` takes it back."""
    run(_cancel(number))


def read_shares(given: list[str]) -> dict[str, Any]:
    """From `deal:load=team:Sales,ben@example.com` to the form that the API takes."""
    shares: dict[str, Any] = {}
    for one in given:
        head, equals, takers = one.partition("=")
        kind, colon, way = head.strip().partition(":")
        if not equals:
            problem = Problem("--give", "bad_share", f'"{one}" names no takers.')
            raise Refused("Write --give contact=ben@example.com or the like.", [problem])
        share: dict[str, Any] = {"to": [name.strip() for name in takers.split(",")]}
        if colon:
            share["way"] = way
        kinds = [kind_.value for kind_ in Handed] if kind == "all" else [kind]
        shares |= {name: share for name in kinds if kind != "all" or name not in shares}
    return shares


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        problem = Problem("--return-on", "bad_date", "write a day such as 2026-09-01.")
        raise Refused(f'"{text}" is no day.', [problem]) from error


def _work(runtime: Runtime) -> AbstractAsyncContextManager[Work]:
    return working(runtime.store, runtime.shared, runtime.pokes, runtime.now())


async def _id(session: AsyncSession, email: str) -> int:
    return (await find_user(session, SYSTEM, email)).id


async def _preview(whose: str, shares: dict[str, Any]) -> None:
    async with opened(temporal=False) as runtime, _work(runtime) as work:
        from_id = await _id(work.session, whose)
        found = await handover.preview(work, SYSTEM, from_id, shares)
        people = await work.directory()
    table = Table("Kind", "Way", "Count", "Who gets how much", "Such as")
    for one in found.kinds:
        table.add_row(
            *(one.kind.value, one.way.value, str(one.count)),
            _takers(one.takers, people),
            ", ".join(f"{sample.label} ({sample.id})" for sample in one.samples),
        )
    Console().print(table)
    if found.following_runs:
        typer.echo(f"{found.following_runs} runs follow their contacts by themselves.")
    for away in found.absent:
        typer.echo(f"{_name(away, people)} is away now.")


async def _start(
    whose: str, shares: dict[str, Any], return_on: date | None, note: str | None
) -> None:
    async with opened() as runtime:
        async with _work(runtime) as work:
            plan = Plan(await _id(work.session, whose), shares, return_on, note)
            number = await handover.start(work, SYSTEM, plan)
        runtime.pokes.assignments()
    typer.echo(f"Handover {number} has begun. `cadenza handover show {number}` says how far it is.")


async def _show(number: int | None) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        if number is None:
            found = await handover.recent_handovers(session, SYSTEM)
        else:
            found = [await handover.look(session, SYSTEM, number)]
        people = await runtime.plans.people.directory(session)
    table = Table("Number", "Whose", "State", "Given", "Back", "Goes back")
    for one in found:
        given = "; ".join(f"{kind}: {_takers(c, people)}" for kind, c in one.given.items())
        back = "; ".join(f"{kind}: {_counts(c)}" for kind, c in one.returned.items())
        day = "-" if one.return_at is None else f"{one.return_at:%Y-%m-%d %H:%M} UTC"
        table.add_row(str(one.id), _name(one.from_id, people), one.state, given, back, day)
    Console().print(table)


async def _return(number: int, dry_run: bool) -> None:
    async with opened(temporal=not dry_run) as runtime:
        async with _work(runtime) as work:
            if dry_run:
                found = await handover.preview_return(work, SYSTEM, number)
            else:
                await handover.give_back(work, SYSTEM, number)
        if not dry_run:
            runtime.pokes.assignments()
    if not dry_run:
        typer.echo(f"What the takers of handover {number} still have is being given back.")
        return
    for kind, counts in found.kinds.items():
        typer.echo(f"{kind}: {_counts(counts)}")


async def _cancel(number: int) -> None:
    async with opened(temporal=False) as runtime, _work(runtime) as work:
        await handover.cancel(work, SYSTEM, number)
    typer.echo(f"Handover {number} gives nothing more.")


def _takers(counts: Any, people: Directory) -> str:
    return ", ".join(f"{_name(taker, people)} {count}" for taker, count in sorted(counts.items()))


def _counts(counts: Any) -> str:
    return ", ".join(f"{count} {back}" for back, count in counts.items()) or "nothing"


def _name(user_id: int, people: Directory) -> str:
    person = people.people.get(user_id)
    return str(user_id) if person is None else person.email or person.name
