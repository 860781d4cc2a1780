"""`cadenza backtest`: who would have entered a flow, asked of the past; nothing is written."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, cast, get_args

import typer

from engine.cli._flow_source import source_of
from engine.cli._loop import run
from engine.cli._moments import moment_from
from engine.cli._runtime import opened
from engine.errors import Refused
from engine.services.actor import SYSTEM
from engine.services.backtesting import Against, Answer, Difference, Question, Side, backtest
from engine.services.backtesting.answers import as_document
from engine.services.facts_as_of import Clock

app = typer.Typer(help="Ask the past who would have entered a flow.")


@app.command(name="backtest")
def ask(
    flow: Annotated[str, typer.Argument(help="The flow's YAML file, or its name.")],
    since: Annotated[str, typer.Option("--from", help="Where the stretch begins: a date or time.")],
    until: Annotated[
        str | None, typer.Option("--to", help="Just before when it ends; now if left out.")
    ] = None,
    against: Annotated[
        str, typer.Option(help="Compared with the published version, or with life.")
    ] = "published",
    clock: Annotated[
        str, typer.Option(help='Events count when "received", or when they "occurred".')
    ] = "received",
    share: Annotated[float, typer.Option(help="Percent of the contacts.", min=0.01, max=100)] = 100,
    seed: Annotated[str, typer.Option(help="Another word, another share.")] = "1",
    shown: Annotated[
        int, typer.Option(help="How many differences with reasons.", min=0, max=10_000)
    ] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Everything as one JSON object.")] = False,
) -> None:
    """Say who would have entered, and who not, with what the rules read at that moment."""
    question = Question(
        since=moment_from(since),
        until=datetime.now(UTC) if until is None else moment_from(until),
        against=cast(Against, _one_of(against, get_args(Against))),
        clock=cast(Clock, _one_of(clock, get_args(Clock))),
        share=share,
        seed=seed,
        shown=shown,
    )
    run(_ask(flow, question, as_json=as_json))


def _one_of(text: str, known: tuple[str, ...]) -> str:
    if text not in known:
        raise Refused(f'"{text}" is not known here; write {" or ".join(known)}.')
    return text


async def _ask(flow: str, question: Question, *, as_json: bool) -> None:
    async with opened(temporal=False) as runtime:
        source, file = await source_of(runtime, flow)
        zone = runtime.sender_settings.default_zone
        asked = replace(question, default_zone=zone)
        async with runtime.store.transaction() as session:
            answer = await backtest(session, SYSTEM, source, asked, file=file)
    if as_json:
        typer.echo(json.dumps(as_document(answer), ensure_ascii=False, indent=2))
        return
    for line in lines_of(answer):
        typer.echo(line)


def lines_of(answer: Answer) -> list[str]:
    question = answer.question
    other = "the published version" if question.against == "published" else "life"
    stretch = f"{question.since:%Y-%m-%d %H:%M}Z to {question.until:%Y-%m-%d %H:%M}Z"
    lines = [
        f"{answer.flow} from {stretch}, compared with {other}",
        _side("would have entered", answer.tried),
        _side("published" if question.against == "published" else "entered", answer.other),
        f"  both                {answer.both:>9,} people, {answer.moved:,} at other times",
        f"  added               {answer.added_count:>9,} people",
        f"  removed             {answer.removed_count:>9,} people",
    ]
    for word, found in (("added", answer.added), ("removed", answer.removed)):
        lines += [line for one in found for line in _difference(word, one)]
    rate = answer.knocks / answer.seconds if answer.seconds else 0
    lines.append(f"looked at {answer.knocks:,} moments in {answer.seconds:.1f} s ({rate:,.0f}/s)")
    if answer.limits:
        lines.append("what this cannot know:")
        lines += [f"  {limit.message}" for limit in answer.limits]
    return lines


def _side(name: str, side: Side) -> str:
    return f"  {name:19} {side.people:>9,} people, {side.entries:,} times"


def _difference(word: str, one: Difference) -> list[str]:
    name = f" {one.name}" if one.name else ""
    lines = [f"{word}: contact {one.contact_id}{name}, {one.at:%Y-%m-%d %H:%M}Z, {one.reason}"]
    if one.enters:
        lines.append(f"  enters {one.enters['en']}")
    if one.stays_out:
        lines.append(f"  stays out {one.stays_out['en']}")
    return lines
