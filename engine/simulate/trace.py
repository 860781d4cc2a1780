"""What a simulation saw: every journey with its journal, and what they add up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from engine.local_time import local_date
from engine.machines.journey import Asked, Standing
from engine.machines.plan import Plan


class Sent(NamedTuple):
    """A message that would have been handed over."""

    at: datetime
    person_id: int
    node: str
    template: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """A message that the arbiter made wait, from `at` until `until`, for a reason; `read` are the
    values it was decided by."""

    at: datetime
    until: datetime
    person_id: int
    node: str
    reason: str
    read: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Journey:
    """One person's way through the flow; `entries` are what the journal of a run would hold, as far
    as it is kept.
    """

    person_id: int
    zone: str
    entry_key: str
    entered_at: datetime
    standing: Standing
    held_out: bool = False
    entries: list[dict[str, Any]] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    deferred: list[Deferred] = field(default_factory=list)
    goal_at: datetime | None = None
    # the message that waits for its time
    waiting_ask: Asked | None = None
    # how often the flow had acted on the way to what it was entered by
    acted: int = 0
    # counts the passes, so that a due time of an earlier one is known to be over
    passes: int = 0


class Stopped(NamedTuple):
    """Somebody whose life went no further, because nobody would have seen its end. `reason` is
    "too_much_at_once" or "too_many_steps".
    """

    person_id: int
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Trace:
    """`counts` holds how often each node was entered (empty exit) and left by each exit; `stopped`
    are the people who did not get to the end of the time.
    """

    plan: Plan
    start: datetime
    until: datetime
    journeys: Sequence[Journey]
    counts: Mapping[tuple[str, str], int]
    stopped: Sequence[Stopped] = ()

    def sends_by_day(self) -> dict[date, int]:
        """Messages by the day on each person's own calendar."""
        days = Counter(
            local_date(sent.at, journey.zone) for journey in self.journeys for sent in journey.sent
        )
        return dict(sorted(days.items()))

    def most_per_person_in_a_day(self) -> int:
        """The most messages that anybody gets on one local day."""
        days = Counter(
            (sent.person_id, local_date(sent.at, journey.zone))
            for journey in self.journeys
            for sent in journey.sent
        )
        return max(days.values(), default=0)

    def outcomes(self) -> dict[str, int]:
        """How the journeys stand at the end: "ended: done", "active: nudge", "held: nudge" ..."""
        return dict(Counter(_outcome(journey) for journey in self.journeys).most_common())

    def never(self) -> list[tuple[str, str]]:
        """Nodes nobody came to (empty exit), and exits of the others that nobody took."""
        found = []
        for name, planned in self.plan.nodes.items():
            if not self.counts.get((name, "")):
                found.append((name, ""))
                continue
            exits = (exit_ for exit_ in planned.node.exits if not self.counts.get((name, exit_)))
            found += [(name, exit_) for exit_ in exits]
        return found


def _outcome(journey: Journey) -> str:
    standing = journey.standing
    if standing.state == "ended":
        return f"ended: {standing.outcome}"
    return f"{standing.state}: {standing.node}"
