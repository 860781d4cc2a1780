"""`cadenza simulate`: try a flow on real contacts and a virtual clock; nothing is sent."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
import yaml

from crm_store.flows import flow_named
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.cli.flow import text_of
from engine.errors import NotFound, Refused
from engine.local_time import SpanRefused, parse_span
from engine.runtime import Runtime
from engine.services.actor import SYSTEM
from engine.services.simulating import Question, read_lines, simulate_flow
from engine.simulate import Habit, Journey, Trace
from engine.steps.span_words import at_least

app = typer.Typer(help="Try a flow on a virtual clock.")

_HABIT = re.compile(r"(?P<event>[^=]+)=(?P<percent>\d{1,3}(?:\.\d+)?)%(?:@(?P<within>\w+))?")


@app.command()
def simulate(
    flow: Annotated[str, typer.Argument(help="The flow's YAML file, or its name.")],
    contacts: Annotated[int, typer.Option(help="How many contacts at most.", min=1)] = 1_000,
    days: Annotated[int, typer.Option(help="How long.", min=1, max=1_100)] = 30,
    whom: Annotated[
        Path | None, typer.Option(help="A file with a rule: only contacts it holds for.")
    ] = None,
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
    seed: Annotated[str, typer.Option(help="Another word, another chance.")] = "1",
    person: Annotated[
        int | None, typer.Option(help="Also print the way of this contact, by number.")
    ] = None,
) -> None:
    """Say who would go where and get what, when. The same question has the same answer."""
    question = Question(
        start_at=_moment(start),
        days=days,
        people=contacts,
        rule=True if whom is None else _rule(whom),
        lines=() if events is None else read_lines(events),
        habits=[_habit(text) for text in habit or ()],
        seed=seed,
    )
    run(_simulate(flow, is_file(flow), question, person))


def is_file(flow: str) -> bool:
    """Names of flows have no ending; a file may be missing, and is then named as such."""
    return Path(flow).suffix in (".yaml", ".yml", ".json") or Path(flow).is_file()


async def _simulate(flow: str, from_file: bool, question: Question, person: int | None) -> None:
    async with opened(temporal=False) as runtime:
        path = Path(flow)
        if from_file:
            source, file = text_of(path), path.name
        else:
            source, file = await _draft(runtime, flow), f"{flow}.yaml"
        async with runtime.store.transaction() as session:
            trace = await simulate_flow(session, SYSTEM, source, question, file=file)
    for line in lines_of(trace):
        typer.echo(line)
    if person is not None:
        for line in way_of(trace, person):
            typer.echo(line)


async def _draft(runtime: Runtime, flow: str) -> str:
    async with runtime.store.transaction() as session:
        record = await flow_named(session, flow)
        if record is None:
            raise NotFound(f'There is no flow and no file "{flow}". `cadenza flow list` has names.')
        return record.draft_source


def lines_of(trace: Trace) -> list[str]:
    """The whole picture: outcomes, nodes, what never happened, messages by day."""
    sent = sum(len(journey.sent) for journey in trace.journeys)
    entered = len(trace.journeys)
    first = (
        f"{entered:,} {'person' if entered == 1 else 'people'} from {trace.start:%Y-%m-%d %H:%M}Z"
        f" to {trace.until:%Y-%m-%d %H:%M}Z, {sent:,} messages,"
        f" at most {trace.most_per_person_in_a_day()} per person and day"
    )
    lines = [first]
    lines += [f"  {outcome:40} {count:>9,}" for outcome, count in trace.outcomes().items()]
    lines.append("nodes:")
    for name, planned in trace.plan.nodes.items():
        exits = ", ".join(
            f"{exit_} {trace.counts.get((name, exit_), 0):,}" for exit_ in planned.node.exits
        )
        lines.append(f"  {name:20} {trace.counts.get((name, ''), 0):>9,}  {exits}".rstrip())
    if never := trace.never():
        lines.append("never happened:")
        lines += [f"  {node}" + (f": {exit_}" if exit_ else "") for node, exit_ in never]
    if sent:
        lines.append("messages by local day:")
        lines += [f"  {day}  {count:>9,}" for day, count in trace.sends_by_day().items()]
    return lines


def way_of(trace: Trace, person: int) -> list[str]:
    """One person's journal, as the run's page would show it."""
    journeys: list[Journey] = [j for j in trace.journeys if j.person_id == person]
    if not journeys:
        return [f"contact {person} did not enter"]
    return [
        f"{entry['at']}  {entry['node']:15} {entry['what']:10} "
        + " ".join(str(entry[key]) for key in ("exit", "to", "outcome", "until") if key in entry)
        for journey in journeys
        for entry in journey.entries
    ]


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    moment: datetime | None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Refused(f'"{text}" is no time with an offset; write "2026-03-02T09:00:00+01:00".')
    return moment.astimezone(UTC)


def _rule(path: Path) -> object:
    try:
        return yaml.safe_load(text_of(path))
    except yaml.YAMLError as error:
        raise Refused(f'"{path}" is neither JSON nor YAML: {error}') from error


def _habit(text: str) -> Habit:
    match = _HABIT.fullmatch(text)
    try:
        within = at_least(parse_span(match["within"] or "1d")) if match else None
    except SpanRefused as error:
        raise Refused(f'"{text}": {error}') from error
    if match is None or within is None:
        raise Refused(f'"{text}" is no habit; write one such as "Message Opened=40%@6h".')
    return Habit(match["event"].strip(), float(match["percent"]), within)
