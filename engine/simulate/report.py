"""A trace as plain JSON: for the command's `--json`, the API and the designer."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from engine.local_time import local, local_date
from engine.simulate.arbiter import Window
from engine.simulate.trace import Journey, Sent, Trace

# Lists of people are for reading; more of them nobody reads.
MOST_LISTED = 100


def report(trace: Trace, *, hours: Window, people: int, listed: Collection[int]) -> dict[str, Any]:
    """The whole picture; timelines and calendars of the people who are `listed`.

    `hours` are when messages are welcome: those outside are counted, on each person's own clock.
    """
    journeys = trace.journeys
    return {
        "flow": trace.plan.flow.name,
        "from": trace.start.isoformat(),
        "until": trace.until.isoformat(),
        "people": {
            "taken_part": people,
            "entered": len({journey.person_id for journey in journeys}),
            "journeys": len(journeys),
            "held_out": sum(journey.held_out for journey in journeys),
        },
        "outcomes": trace.outcomes(),
        "goal": _goal(trace),
        "nodes": _nodes(trace),
        "never": [{"node": node, "exit": exit_ or None} for node, exit_ in trace.never()],
        "messages": _messages(trace, hours),
        "deferred": _deferred(journeys),
        "stopped": _stopped(trace),
        "timelines": [_timeline(one) for one in journeys if one.person_id in listed],
        "calendar": calendar(one for one in journeys if one.person_id in listed),
    }


def calendar(journeys: Iterable[Journey]) -> list[dict[str, Any]]:
    """Who gets which templates on which of their local days."""
    found: dict[int, dict[date, list[str]]] = defaultdict(dict)
    for journey in journeys:
        for sent in journey.sent:
            day = local_date(sent.at, journey.zone)
            found[journey.person_id].setdefault(day, []).append(sent.template)
    return [
        {"person": person, "days": {day.isoformat(): of for day, of in sorted(days.items())}}
        for person, days in found.items()
    ]


def outside(trace: Trace, hours: Window) -> list[Sent]:
    """Messages that reach their person outside these hours of their own day."""
    return [
        sent
        for journey in trace.journeys
        for sent in journey.sent
        if not hours.holds(local(sent.at, journey.zone).time())
    ]


def _goal(trace: Trace) -> dict[str, Any] | None:
    goal = trace.plan.flow.goal
    if goal is None:
        return None
    reached = sum(journey.goal_at is not None for journey in trace.journeys)
    return {"event": goal.event, "reached": reached}


def _nodes(trace: Trace) -> list[dict[str, Any]]:
    standing = Counter(
        journey.standing.node for journey in trace.journeys if journey.standing.state != "ended"
    )
    return [
        {
            "node": name,
            "do": planned.node.kind,
            "entered": trace.counts.get((name, ""), 0),
            "exits": {one: trace.counts.get((name, one), 0) for one in planned.node.exits},
            "standing": standing[name],
        }
        for name, planned in trace.plan.nodes.items()
    ]


def _messages(trace: Trace, hours: Window) -> dict[str, Any]:
    early_or_late = outside(trace, hours)
    by_template = Counter(sent.template for one in trace.journeys for sent in one.sent)
    return {
        "sent": sum(by_template.values()),
        "by_template": dict(by_template.most_common()),
        "by_local_day": {day.isoformat(): n for day, n in trace.sends_by_day().items()},
        "most_per_person_and_day": trace.most_per_person_in_a_day(),
        "hours": f"{hours.start:%H:%M}-{hours.end:%H:%M}",
        "outside_hours": len(early_or_late),
        "outside_hours_people": sorted({sent.person_id for sent in early_or_late})[:MOST_LISTED],
    }


def _deferred(journeys: Iterable[Journey]) -> dict[str, Any]:
    found = [one for journey in journeys for one in journey.deferred]
    longest = max((one.until - one.at for one in found), default=None)
    return {
        "messages": len(found),
        "by_reason": dict(Counter(one.reason for one in found)),
        "longest_seconds": 0 if longest is None else int(longest.total_seconds()),
        "first": [
            {
                "person": one.person_id,
                "node": one.node,
                "reason": one.reason,
                "at": one.at.isoformat(),
                "until": one.until.isoformat(),
            }
            for one in found[:MOST_LISTED]
        ],
    }


def _stopped(trace: Trace) -> dict[str, Any]:
    return {
        "people": len(trace.stopped),
        "first": [
            {"person": one.person_id, "at": one.at.isoformat(), "reason": one.reason}
            for one in trace.stopped[:MOST_LISTED]
        ],
    }


def _timeline(journey: Journey) -> dict[str, Any]:
    return {
        "person": journey.person_id,
        "zone": journey.zone,
        "entered_at": journey.entered_at.isoformat(),
        "entry_key": journey.entry_key,
        "state": journey.standing.state,
        "node": journey.standing.node,
        "outcome": journey.standing.outcome,
        "held_out": journey.held_out,
        "goal_at": None if journey.goal_at is None else journey.goal_at.isoformat(),
        "entries": journey.entries,
    }
