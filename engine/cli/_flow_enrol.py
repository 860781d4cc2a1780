"""`cadenza flow enrol` and `enrolments`: whole audiences that enter a flow."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.console import Console
from rich.table import Table

from engine.cli._flow_text import text_of
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.errors import Problem, Refused
from engine.services import enrolments as service
from engine.services.actor import SYSTEM
from engine.services.enrolments import EnrolmentLine

Name = Annotated[str, typer.Argument(help="The flow's name.")]


def enrol(
    name: Name,
    segment: Annotated[str | None, typer.Option(help="Members of this saved segment.")] = None,
    rule: Annotated[Path | None, typer.Option(help="A file with a rule; whom it finds.")] = None,
    everybody: Annotated[bool, typer.Option("--everybody", help="All contacts.")] = False,
    per_minute: Annotated[
        int | None, typer.Option(min=1, help="At most so many people a minute.")
    ] = None,
) -> None:
    """Let a whole audience in; without an option the flow's own."""
    run(_enrol(name, _whom(segment, rule, everybody=everybody), per_minute))


def enrolments(
    name: Annotated[str | None, typer.Argument(help="One flow; without it all.")] = None,
    pause: Annotated[bool, typer.Option("--pause", help="Let nobody more in for now.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where it stopped.")] = False,
    cancel: Annotated[bool, typer.Option("--cancel", help="Let nobody more in.")] = False,
) -> None:
    """How far audiences are; or pause, resume or cancel the one that is entering."""
    chosen = [what for what, asked in _deeds(pause, resume, cancel) if asked]
    if len(chosen) > 1 or (chosen and name is None):
        problem = Problem("--pause, --resume, --cancel", "bad_choice", "one of them, with a flow.")
        raise Refused("The options cannot be used.", [problem])
    run(_change(name, chosen[0]) if name is not None and chosen else _list(name))


def _deeds(pause: bool, resume: bool, cancel: bool) -> list[tuple[str, bool]]:
    return [("pause", pause), ("resume", resume), ("cancel", cancel)]


def _whom(segment: str | None, rule: Path | None, *, everybody: bool) -> Any:
    if sum((segment is not None, rule is not None, everybody)) > 1:
        problem = Problem("--segment, --rule, --everybody", "bad_choice", "choose one of them.")
        raise Refused("The options cannot be used.", [problem])
    if everybody:
        return service.EVERYBODY
    if segment is not None:
        return {"member_of": [segment]}
    return None if rule is None else yaml.safe_load(text_of(rule))


async def _enrol(name: str, rule: Any, per_minute: int | None) -> None:
    async with opened() as runtime:
        async with runtime.store.transaction() as session:
            started = await service.start_enrolment(
                session,
                SYSTEM,
                runtime.plans,
                name,
                now=runtime.now(),
                rule=rule,
                per_minute=per_minute,
            )
        runtime.pokes.audience(started.id)
    typer.echo(f'Enrolment {started.id} into "{name}" has begun.')


async def _list(name: str | None) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await service.list_enrolments(session, SYSTEM, name)
    table = Table("No.", "Flow", "State", "Looked at", "Entered", "Refused", "Of", "Per s", "Left")
    for one in found:
        table.add_row(*_cells(one))
    Console().print(table)


async def _change(name: str, deed: str) -> None:
    async with opened(temporal=deed == "resume") as runtime:
        async with runtime.store.transaction() as session:
            now = runtime.now()
            if deed == "pause":
                line = await service.pause_enrolment(session, SYSTEM, name)
            elif deed == "resume":
                line = await service.resume_enrolment(session, SYSTEM, name, now)
            else:
                line = await service.cancel_enrolment(session, SYSTEM, name, now)
        if deed == "resume":
            runtime.pokes.audience(line.id)
    typer.echo(f"Enrolment {line.id} is {line.state}: {line.entered:,} have entered.")


def _cells(one: EnrolmentLine) -> list[str]:
    return [
        str(one.id),
        one.flow,
        one.state,
        f"{one.looked_at:,}",
        f"{one.entered:,}",
        f"{one.refused:,}",
        "?" if one.total is None else f"{one.total:,}",
        "" if one.per_second is None else f"{one.per_second:,.0f}",
        "" if one.left is None else str(one.left),
    ]
