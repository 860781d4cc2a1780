"""What many simulated ways add up to: numbers for the drawing, days, and who gets most. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from designer.flow_graph import TRIGGER, Graph
from engine.local_time import local_date
from engine.simulate import Trace

MOST_NAMED: Final = 10


@dataclass(frozen=True, slots=True)
class Busy:
    """Somebody's fullest day: so many messages of the flow."""

    person_id: int
    day: date
    messages: int


def counts(trace: Trace, graph: Graph) -> tuple[list[list[int]], list[int]]:
    """By the graph's nodes (here, held, passed) and edges, as the canvas takes them."""
    here: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for journey in trace.journeys:
        if journey.standing.state == "active":
            here[journey.standing.node] += 1
        elif journey.standing.state == "held":
            held[journey.standing.node] += 1
    exits: Counter[str] = Counter()
    for (place, exit_name), count in trace.counts.items():
        if exit_name:
            exits[place] += count
    entered = len(entered_people(trace))
    nodes = []
    for node in graph.nodes:
        passed = exits[node.id] or trace.counts.get((node.id, ""), 0)
        nodes.append([here[node.id], held[node.id], 0 if node.id == TRIGGER else passed])
    edges = [
        entered
        if edge.source == TRIGGER
        else sum(trace.counts.get((edge.source, one), 0) for one in edge.exits)
        for edge in graph.edges
    ]
    return nodes, edges


def entered_people(trace: Trace) -> set[int]:
    return {one.person_id for one in trace.journeys if not one.held_out}


def messages_by_day(trace: Trace) -> list[tuple[date, int]]:
    """Every day from the first to the last with a message, on each person's own calendar."""
    found = trace.sends_by_day()
    if not found:
        return []
    first, last = min(found), max(found)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [(day, found.get(day, 0)) for day in days]


def busiest(trace: Trace, most: int = MOST_NAMED) -> Sequence[Busy]:
    """Who gets most messages on one local day; the fullest day of each person."""
    days = Counter(
        (sent.person_id, local_date(sent.at, journey.zone))
        for journey in trace.journeys
        for sent in journey.sent
    )
    fullest: dict[int, Busy] = {}
    for (person_id, day), count in days.items():
        known = fullest.get(person_id)
        if known is None or count > known.messages:
            fullest[person_id] = Busy(person_id, day, count)
    return sorted(fullest.values(), key=lambda one: (-one.messages, one.person_id))[:most]
