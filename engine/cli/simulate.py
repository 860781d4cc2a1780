"""`cadenza simulate`: try a flow on real contacts and a virtual clock; nothing is sent."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, cast

import typer
import yaml

from engine.cli._flow_source import source_of
from engine.cli._loop import run
from engine.cli._moments import length_from, moment_from, window_from
from engine.cli._runtime import opened
from engine.cli._simulated import lines_of
from engine.cli.flow import text_of
from engine.errors import Refused
from engine.services.actor import SYSTEM
from engine.services.simulating import Office, Question, prepare, read_lines, run_beside
from engine.services.simulating.answers import as_document
from engine.services.simulating.question import USUAL_HOURS
from engine.simulate import Habit
from engine.simulate.arbiter import Cap, CapUnit, HouseRules
from engine.simulate.surroundings import Approvals

app = typer.Typer(help="Try a flow on a virtual clock.")

_HABIT = re.compile(r"(?P<event>[^=]+)=(?P<percent>\d{1,3}(?:\.\d+)?)%(?:@(?P<within>\w+))?")
_CAP = re.compile(r"(?P<most>\d{1,4})/(?P<per>day|week|month)")
Decided = Literal["approve", "reject", "time-out"]
_APPROVALS: dict[Decided, Approvals] = {
    "approve": "approved",
    "reject": "rejected",
    "time-out": "timed_out",
}


@app.command()
def simulate(
    flow: Annotated[str, typer.Argument(help="The flow's YAML file, or its name.")],
    contacts: Annotated[int, typer.Option(help="How many contacts at most.", min=1)] = 1_000,
    audience: Annotated[
        str | None, typer.Option(help="A saved segment: only its members take part.")
    ] = None,
    whom: Annotated[
        Path | None, typer.Option(help="A file with a rule: only contacts it holds for.")
    ] = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="Contacts drawn by chance, not the first ones.")
    ] = False,
    days: Annotated[int, typer.Option(help="How long.", min=1, max=1_100)] = 30,
    start: Annotated[
        str | None, typer.Option("--from", help="When it begins, with offset; now if left out.")
    ] = None,
    events: Annotated[
        Path | None, typer.Option(help="A file of events, one JSON object a line.")
    ] = None,
    habit: Annotated[
        list[str] | None,
        typer.Option(help='What people do after a message: "Message Opened=40%@6h".'),
    ] = None,
    quiet: Annotated[
        str | None,
        typer.Option(help='When marketing waits, on each one\'s own clock: "21:00-08:00".'),
    ] = None,
    cap: Annotated[
        list[str] | None, typer.Option(help='The most marketing messages: "1/day", "3/week".')
    ] = None,
    hours: Annotated[
        str | None, typer.Option(help="Messages outside these local hours are counted.")
    ] = None,
    approvals: Annotated[
        str, typer.Option(help="How requests for approval end: approve, reject or time-out.")
    ] = "approve",
    afresh: Annotated[
        bool, typer.Option("--afresh", help="Leave out the runs that people already have.")
    ] = False,
    render: Annotated[
        int, typer.Option(help="Write the messages of so many people for real.", min=0, max=10_000)
    ] = 100,
    seed: Annotated[str, typer.Option(help="Another word, another chance.")] = "1",
    person: Annotated[
        list[int] | None, typer.Option(help="Also print the way of this contact, by number.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Everything as one JSON object.")] = False,
) -> None:
    """Say who would go where and get what, when. The same question has the same answer."""
    question = Question(
        start_at=datetime.now(UTC) if start is None else moment_from(start),
        days=days,
        people=contacts,
        rule=True if whom is None else _rule(whom),
        audience=audience,
        sample=sample,
        lines=() if events is None else read_lines(events),
        habits=[_habit(text) for text in habit or ()],
        house=_house(quiet, cap or ()),
        hours=USUAL_HOURS if hours is None else window_from(hours),
        approvals=_approvals(approvals),
        afresh=afresh,
        seed=seed,
        listed=frozenset(person or ()),
        rendered=render,
    )
    run(_simulate(flow, question, person or [], as_json=as_json))


async def _simulate(flow: str, question: Question, people: list[int], *, as_json: bool) -> None:
    async with opened(temporal=False) as runtime:
        source, file = await source_of(runtime, flow)
        office = Office(runtime.library, runtime.sender_settings)
        asked = _with(question, office)
        async with runtime.store.transaction() as session:
            prepared = await prepare(session, SYSTEM, source, asked, file=file)
        simulated = await run_beside(prepared)
    if as_json:
        typer.echo(json.dumps(as_document(simulated), ensure_ascii=False, indent=2))
        return
    for line in lines_of(simulated, people):
        typer.echo(line)


def _with(question: Question, office: Office) -> Question:
    zone = office.sender.default_zone
    return replace(question, office=office, default_zone=zone)


def _rule(path: Path) -> object:
    try:
        return yaml.safe_load(text_of(path))
    except yaml.YAMLError as error:
        raise Refused(f'"{path}" is neither JSON nor YAML: {error}') from error


def _house(quiet: str | None, caps: list[str] | tuple[()]) -> HouseRules | None:
    if quiet is None and not caps:
        return None
    window = None if quiet is None else window_from(quiet)
    return HouseRules(window, tuple(_cap(text) for text in caps))


def _cap(text: str) -> Cap:
    match = _CAP.fullmatch(text)
    if match is None or match["most"].strip("0") == "":
        raise Refused(f'"{text}" is no cap; write one such as "1/day" or "3/week".')
    return Cap(int(match["most"]), cast(CapUnit, match["per"]))


def _approvals(text: str) -> Approvals:
    if text not in _APPROVALS:
        raise Refused(f'"{text}" is no way to decide; write approve, reject or time-out.')
    return _APPROVALS[text]


def _habit(text: str) -> Habit:
    match = _HABIT.fullmatch(text)
    if match is None:
        raise Refused(f'"{text}" is no habit; write one such as "Message Opened=40%@6h".')
    within = length_from(match["within"] or "1d")
    return Habit(match["event"].strip(), float(match["percent"]), within)
