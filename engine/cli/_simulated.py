"""A simulation in lines of text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from engine.services.simulating import Simulated
from engine.services.simulating.answers import assumed
from engine.simulate import Trace
from engine.simulate.life import MOST_STEPS
from engine.simulate.report import calendar, outside

_MOST_COMPLAINTS = 10
_REASONS = {
    "too_much_at_once": "because they went round without time going by",
    "too_many_steps": f"after {MOST_STEPS:,} steps",
}


def lines_of(simulated: Simulated, people: Sequence[int]) -> list[str]:
    """The whole picture: outcomes, nodes, what never happened, messages; and some people's ways."""
    trace = simulated.trace
    return [
        *_heads(trace),
        *_nodes(trace),
        *_never(trace),
        *_messages(simulated),
        *_deferred(trace),
        *_rendered(simulated),
        *_assumed(simulated),
        *(line for person in people for line in way_of(trace, person)),
    ]


def _heads(trace: Trace) -> Iterator[str]:
    sent = sum(len(journey.sent) for journey in trace.journeys)
    entered = len({journey.person_id for journey in trace.journeys})
    runs = len(trace.journeys)
    times = f" ({runs:,} runs)" if runs != entered else ""
    yield (
        f"{entered:,} {'person' if entered == 1 else 'people'}{times}"
        f" from {trace.start:%Y-%m-%d %H:%M}Z to {trace.until:%Y-%m-%d %H:%M}Z, {sent:,} messages,"
        f" at most {trace.most_per_person_in_a_day()} per person and day"
    )
    for outcome, count in trace.outcomes().items():
        yield f"  {outcome:40} {count:>9,}"
    for reason, count in Counter(one.reason for one in trace.stopped).items():
        yield f"broken off, {_REASONS[reason]}: {count:,}"
    if trace.plan.flow.goal is not None:
        reached = sum(journey.goal_at is not None for journey in trace.journeys)
        yield f"goal {trace.plan.flow.goal.event}: reached by {reached:,}"


def _nodes(trace: Trace) -> Iterator[str]:
    yield "nodes:"
    for name, planned in trace.plan.nodes.items():
        exits = ", ".join(
            f"{exit_} {trace.counts.get((name, exit_), 0):,}" for exit_ in planned.node.exits
        )
        yield f"  {name:20} {trace.counts.get((name, ''), 0):>9,}  {exits}".rstrip()


def _never(trace: Trace) -> Iterator[str]:
    if never := trace.never():
        yield "never happened:"
        for node, exit_ in never:
            yield f"  {node}" + (f": {exit_}" if exit_ else "")


def _messages(simulated: Simulated) -> Iterator[str]:
    trace, hours = simulated.trace, simulated.question.hours
    if not any(journey.sent for journey in trace.journeys):
        return
    yield "messages by local day:"
    for day, count in trace.sends_by_day().items():
        yield f"  {day}  {count:>9,}"
    late = len(outside(trace, hours))
    yield f"outside {hours.start:%H:%M}-{hours.end:%H:%M} where people live: {late:,}"


def _deferred(trace: Trace) -> Iterator[str]:
    found = [one for journey in trace.journeys for one in journey.deferred]
    if not found:
        return
    yield f"messages that had to wait: {len(found):,}"
    for reason in dict.fromkeys(one.reason for one in found):
        waits = [one.until - one.at for one in found if one.reason == reason]
        yield f"  {reason:20} {len(waits):>9,}  the longest {max(waits)}"


def _rendered(simulated: Simulated) -> Iterator[str]:
    letters = simulated.letters
    if letters is None or not (letters.written or letters.failed):
        return
    yield f"messages really written: {letters.written:,}, could not be written: {letters.failed:,}"
    for one in letters.complaints[:_MOST_COMPLAINTS]:
        yield f"  contact {one.person_id}, {one.node}: {one.message}"


def _assumed(simulated: Simulated) -> Iterator[str]:
    if said := assumed(simulated):
        yield "taken for granted:"
        for sentence in said:
            yield f"  {sentence}"


def way_of(trace: Trace, person: int) -> Iterator[str]:
    """One person's journal, as the run's page would show it, and the messages by day."""
    journeys = [journey for journey in trace.journeys if journey.person_id == person]
    if not journeys:
        yield f"contact {person} did not enter"
        return
    yield f"contact {person}:"
    for journey in journeys:
        for entry in journey.entries:
            told = (str(entry[key]) for key in ("exit", "to", "outcome", "until") if key in entry)
            yield f"  {entry['at']}  {entry['node']:15} {entry['what']:10} {' '.join(told)}"
    yield from _calendar_lines(calendar(journeys))


def _calendar_lines(days: Iterable[dict[str, dict[str, list[str]]]]) -> Iterator[str]:
    for one in days:
        for day, templates in one["days"].items():
            yield f"  {day}  {', '.join(templates)}"
