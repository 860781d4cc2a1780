"""`cadenza flow move`: bring people in flight to another version, in stages, and back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from engine.cli._flow_lines import move_lines, preview_lines
from engine.cli._flow_text import show, text_of, write_out
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.flows.migration import read_plan
from engine.flows.problems import Severity
from engine.services import version_moves
from engine.services.actor import SYSTEM, Actor

app = typer.Typer(help="Bring people in flight to another version.", no_args_is_help=True)

Steering = Callable[[AsyncSession, Actor, int, datetime], Awaitable[None]]
File = Annotated[Path, typer.Argument(help="The plan's YAML file.")]
Number = Annotated[int, typer.Argument(help="The move's number.")]
Percent = Annotated[
    int, typer.Option(min=1, max=100, help="So many of the people, always the same ones.")
]


@app.command()
def propose(
    name: Annotated[str, typer.Argument(help="The flow's name.")],
    from_: Annotated[int, typer.Option("--from", help="The version they are on.")],
    to: Annotated[int, typer.Option(help="The version they are to come to.")],
    out: Annotated[Path | None, typer.Option(help="Write to this file.")] = None,
) -> None:
    """Write a plan to begin with: what becomes of the people on each node."""
    run(_propose(name, from_, to, out))


@app.command()
def preview(file: File, percent: Percent = 100) -> None:
    """Whom a plan would concern, by node. Nobody is moved."""
    run(_preview(file, percent))


@app.command()
def start(file: File, percent: Percent = 100) -> None:
    """Carry out a plan. Who waits for an answer is moved after it."""
    run(_start(file, percent))


@app.command()
def stage(number: Number, percent: Percent) -> None:
    """Let more of the people take part."""
    run(_stage(number, percent))


@app.command(name="list")
def list_(name: Annotated[str, typer.Argument(help="The flow's name.")]) -> None:
    """Moves of a flow, the last first, and how far they are."""
    run(_list(name))


@app.command()
def pause(number: Number) -> None:
    """Move nobody for the time being."""
    run(_steer(number, version_moves.pause, "paused"))


@app.command()
def resume(number: Number) -> None:
    """Go on where it was paused."""
    run(_steer(number, version_moves.resume, "going on", poked=True))


@app.command()
def cancel(number: Number) -> None:
    """Move nobody any more. Those who were moved stay where they are."""
    run(_steer(number, version_moves.cancel, "cancelled"))


@app.command()
def undo(number: Number) -> None:
    """Bring back everybody who has not moved on since."""
    run(_steer(number, version_moves.undo, "being undone", poked=True))


async def _propose(name: str, from_number: int, to_number: int, out: Path | None) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        proposed = await version_moves.propose_plan(session, SYSTEM, name, from_number, to_number)
    if write_out(proposed.text, out):
        typer.echo(f"Edit it, then `cadenza flow move preview {out}`.")


async def _preview(file: Path, percent: int) -> None:
    plan, places = read_plan(text_of(file), file=file.name)
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await version_moves.preview(session, SYSTEM, plan, percent=percent, where=places)
    show(found.problems)
    for line in preview_lines(found):
        typer.echo(line)
    if any(problem.severity is Severity.ERROR for problem in found.problems):
        raise typer.Exit(1)


async def _start(file: Path, percent: int) -> None:
    plan, places = read_plan(text_of(file), file=file.name)
    async with opened() as runtime:
        async with runtime.store.transaction() as session:
            started = await version_moves.start(
                session,
                SYSTEM,
                plan,
                plans=runtime.plans,
                now=runtime.now(),
                percent=percent,
                places=places,
            )
        runtime.pokes.version_move(started.move_id)
    show(started.warnings)
    typer.echo(f"Move {started.move_id} is under way; `cadenza flow move list {plan.flow}`.")


async def _stage(number: int, percent: int) -> None:
    async with opened() as runtime:
        async with runtime.store.transaction() as session:
            await version_moves.stage(session, SYSTEM, number, percent, runtime.now())
        runtime.pokes.version_move(number)
    typer.echo(f"Move {number} takes {percent} percent.")


async def _list(name: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        for line in move_lines(await version_moves.moves(session, SYSTEM, name)):
            typer.echo(line)


async def _steer(number: int, change: Steering, is_now: str, *, poked: bool = False) -> None:
    async with opened(temporal=poked) as runtime:
        async with runtime.store.transaction() as session:
            await change(session, SYSTEM, number, runtime.now())
        if poked:
            runtime.pokes.version_move(number)
    typer.echo(f"Move {number} is {is_now}.")
