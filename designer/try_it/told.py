"""A simulated way through a flow, step by step: words, and what the drawing shows by then. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from designer.flow_graph import TRIGGER, Graph
from designer.formats import Formats
from designer.i18n import Translator
from designer.run_path import path_of
from designer.timeline import Line, Teller, told_entries
from engine.rules import Catalogue
from engine.services.simulating.letters import Letters, Written
from engine.services.views.faces import Face
from engine.services.views.runs import MessageWait, RunPage
from engine.simulate import Trace
from engine.simulate.trace import Journey


@dataclass(frozen=True, slots=True)
class Step:
    """`nodes` and `edges` are the way up to here, as the canvas colours it."""

    line: Line
    nodes: Mapping[str, str]
    edges: Sequence[str]
    letter: Written | None = None


def run_of(trace: Trace, journey: Journey, person: Face, catalogue: Catalogue) -> RunPage:
    """The journey as a run that was read from the database."""
    flow, standing = trace.plan.flow, journey.standing
    return RunPage(
        id=0,
        flow_name=flow.name,
        flow_label=flow.label,
        flow_state="active",
        version_id=0,
        version=0,
        flow=flow,
        contact_id=person.id,
        contact=person.name,
        email=person.email,
        zone=journey.zone,
        state=standing.state,
        node=standing.node,
        visit=standing.visit,
        outcome=standing.outcome,
        due_at=standing.due_at,
        listens=standing.listens,
        entered_at=journey.entered_at,
        moved_at=_last(journey),
        ended_at=_last(journey) if standing.state == "ended" else None,
        entries=tuple(journey.entries),
        messages=(),
        tasks=(),
        event=None,
        catalogue=catalogue,
        waits=tuple(
            MessageWait(one.node, 1, one.reason, one.at, one.until, one.read, pending=False)
            for one in journey.deferred
        ),
    )


def steps_of(
    run: RunPage, graph: Graph, letters: Letters | None, t: Translator, formats: Formats
) -> list[Step]:
    """In the order of time; nothing leads to things that were never made."""
    zone = run.zone or "UTC"
    kept = told_entries(run.entries)
    lines = Teller(replace(run, waits=()), t, formats, zone).lines()
    found = [
        _step(line, place, run, graph, _letter(run, place, letters))
        for line, place in zip(lines, kept, strict=True)
    ]
    for line in Teller(replace(run, entries=()), t, formats, zone).lines():
        before = [place for place in kept if datetime.fromisoformat(_at(run, place)) <= line.at]
        found.append(_step(line, before[-1] if before else 0, run, graph, None))
    return sorted(found, key=lambda step: step.line.at)


def _step(line: Line, place: int, run: RunPage, graph: Graph, letter: Written | None) -> Step:
    over = place + 1 >= len(run.entries)
    node = run.node if over else str(run.entries[place + 1]["node"])
    state = run.state if over else "active"
    nodes, exits = path_of(replace(run, entries=run.entries[: place + 1], node=node, state=state))
    edges = ["$start"]
    for source, exit_name in exits:
        edge = graph.edge_from(source, exit_name)
        if edge is not None:
            edges.append(edge.id)
    return Step(replace(line, links=()), {**nodes, TRIGGER: "done"}, edges, letter)


def _letter(run: RunPage, place: int, letters: Letters | None) -> Written | None:
    """The letter of a step that was left as sent: the last one written there by then."""
    entry = run.entries[place]
    if letters is None or entry["what"] != "moved" or entry.get("exit") != "sent":
        return None
    at = datetime.fromisoformat(entry["at"])
    fitting = [
        one
        for one in letters.shown
        if one.node == entry["node"]
        and one.person_id == run.contact_id
        and (one.at is None or one.at <= at)
    ]
    return fitting[-1] if fitting else None


def _at(run: RunPage, place: int) -> str:
    return str(run.entries[place]["at"])


def _last(journey: Journey) -> datetime:
    if not journey.entries:
        return journey.entered_at
    return datetime.fromisoformat(str(journey.entries[-1]["at"]))
