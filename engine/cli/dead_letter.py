"""`cadenza dead-letter`: what was sent and could not be taken, and taking it after all."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from engine.cli._given import text_in
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.errors import Problem, Refused
from engine.runtime import Runtime
from engine.services import dead_letters
from engine.services.actor import SYSTEM
from engine.services.dead_letters import STATES
from engine.services.dead_letters.replaying import Replayed, Replaying
from engine.services.events import Intake

app = typer.Typer(help="What was sent and could not be taken.", no_args_is_help=True)

Number = Annotated[int, typer.Argument(min=1, help="Its number, as `list` shows it.")]
Source = Annotated[str | None, typer.Option(help="Of this source, such as website or hook:shop.")]
Code = Annotated[str | None, typer.Option(help="Refused for this reason, such as no_identity.")]
Every = Annotated[bool, typer.Option("--all", help="All that wait, of every source and reason.")]


@app.command(name="list")
def list_(
    source: Source = None,
    code: Code = None,
    state: Annotated[str, typer.Option(help=f"One of {', '.join(STATES)}.")] = "waiting",
    most: Annotated[int, typer.Option(min=1, max=1_000, help="How many lines.")] = 50,
) -> None:
    """What was refused and why, the newest first."""
    if state not in STATES:
        problem = Problem("--state", "unknown", f"choose one of {', '.join(STATES)}")
        raise Refused("There is nothing in this state.", [problem])
    run(_list(source, code, state, most))


@app.command()
def counts() -> None:
    """How many wait, by source and reason."""
    run(_counts())


@app.command()
def show(number: Number) -> None:
    """One with its reasons and what was sent."""
    run(_show(number))


@app.command()
def replay(
    number: Annotated[int | None, typer.Argument(min=1, help="One, by its number.")] = None,
    source: Source = None,
    code: Code = None,
    every: Every = False,
    body: Annotated[
        Path | None, typer.Option(help="With a number: a file with what to read instead.")
    ] = None,
) -> None:
    """Take it after all, read as it is read today: one, or all of a source and reason."""
    _one_or_many("Nothing was taken.", number, source, code, every)
    if body is not None and number is None:
        problem = Problem("--body", "one_of_two", "mends one; name its number")
        raise Refused("Nothing was taken.", [problem])
    run(
        _replay(number, source, code, None if body is None else text_in(body, "Nothing was taken."))
    )


@app.command()
def drop(
    number: Annotated[int | None, typer.Argument(min=1, help="One, by its number.")] = None,
    source: Source = None,
    code: Code = None,
    every: Every = False,
) -> None:
    """It becomes no event: one, or all of a source and reason. Readable for a month."""
    _one_or_many("Nothing was dropped.", number, source, code, every)
    run(_drop(number, source, code))


def _one_or_many(
    said: str, number: int | None, source: str | None, code: str | None, every: bool
) -> None:
    """Nobody takes or drops everything because an option was left out."""
    narrowed = source is not None or code is not None
    if (number is not None) + narrowed + every != 1:
        message = "give a number, or --source and --code, or --all"
        raise Refused(said, [Problem("NUMBER", "one_of_two", message)])


async def _list(source: str | None, code: str | None, state: str, most: int) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        page = await dead_letters.list_letters(
            session, SYSTEM, state=state, source=source, code=code, limit=most
        )
    table = Table("No.", "Source", "Reason", "What is wrong", "Came", "Last (UTC)")
    for one in page.letters:
        came = f"{one.seen} time{'' if one.seen == 1 else 's'}"
        last = f"{one.last_seen_at:%Y-%m-%d %H:%M}"
        table.add_row(str(one.id), one.source, one.code, escape(one.message), came, last)
    Console().print(table)


async def _counts() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await dead_letters.count_letters(session, SYSTEM)
    for one in found:
        typer.echo(f"{one.count}\t{one.source}\t{one.code}")
    if not found:
        typer.echo("Nothing waits.", err=True)


async def _show(number: int) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        one = await dead_letters.read_letter(session, SYSTEM, number)
    typer.echo(f"{one.source}, {one.door}, {one.state}, came {one.seen} times", err=True)
    for problem in one.problems:
        typer.echo(f"{problem} ({problem.code})", err=True)
    typer.echo(one.body)
    if one.cut:
        typer.echo("This is only its beginning: it was too large to be kept whole.", err=True)


async def _replay(
    number: int | None, source: str | None, code: str | None, body: str | None
) -> None:
    # drivers find by themselves what is new, and nobody needs Temporal to mend a letter
    async with opened(temporal=False) as runtime:
        replaying = _replaying(runtime)
        now = runtime.now()
        if number is not None:
            done = await replaying.one(SYSTEM, number, now, body)
        else:
            done = await replaying.many(SYSTEM, now, source=source, code=code)
    _tell(done)


def _tell(done: Replayed) -> None:
    typer.echo(f"{done.taken} taken, {done.refused} refused again.")
    for problem in dict.fromkeys(str(one) for one in done.problems):
        typer.echo(f"  {problem}", err=True)


async def _drop(number: int | None, source: str | None, code: str | None) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        now = runtime.now()
        if number is not None:
            await dead_letters.drop_letter(session, SYSTEM, number, now)
            count = 1
        else:
            count = await dead_letters.drop_letters(session, SYSTEM, now, source=source, code=code)
    typer.echo(f"{count} dropped.")


def _replaying(runtime: Runtime) -> Replaying:
    settings = runtime.settings
    intake = Intake(runtime.store, settings.drivers.dispatch_partitions)
    return Replaying(runtime.store, intake, settings.web.max_event_bytes)
