"""Whether a run reached what its flow was made for."""

from __future__ import annotations

from datetime import datetime

from engine.flows.model import Goal
from engine.local_time import add_span, parse_span


def goal_deadline(goal: Goal, entered_at: datetime, zone: str) -> datetime | None:
    """The first instant that is too late, or None when the goal has no time limit."""
    return add_span(entered_at, parse_span(goal.within), zone) if goal.within else None


def reaches_goal(
    goal: Goal, event_name: str, *, occurred_at: datetime, entered_at: datetime, zone: str
) -> bool:
    """Whether this event counts for a run that was entered at `entered_at`.

    An event from before the run entered does not count, whenever it was received.
    """
    if event_name != goal.event or occurred_at < entered_at:
        return False
    deadline = goal_deadline(goal, entered_at, zone)
    return deadline is None or occurred_at < deadline
