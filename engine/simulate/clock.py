"""The order in which things happen to one person on the virtual clock."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from engine.effects import Receipt
from engine.machines.journey import Asked
from engine.simulate.people import Occurrence
from engine.simulate.trace import Journey

# At one instant a run whose own time has come is moved before it hears of an event: a timeout that
# was reached first stays first, as in the drivers. Whoever comes of their own is there before both.
_ARRIVAL, _DUE, _OCCURRENCE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody comes to the flow's door without an event: a day on the calendar, an audience.

    `occasion` names it as `admit` wants it, `why` is what the journal says.
    """

    occasion: str
    why: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Decision:
    """Somebody answers what a step asked, as long as the journey still stands there."""

    journey: Journey
    asked: Asked
    receipt: Receipt


# A journey's own time has come, unless it has passed on more often than that by then. A bare tuple:
# one is made at every wait.
Moved: TypeAlias = tuple[Journey, int]
Next: TypeAlias = "Moved | Occurrence | Decision | Arrival"


@dataclass(slots=True)
class Agenda:
    """What lies ahead, soonest first; what is equal keeps the order it was noted in."""

    _heap: list[tuple[datetime, int, int, Next]] = field(default_factory=list)
    _noted: int = 0

    def note_due(self, at: datetime, journey: Journey) -> None:
        self._push(at, _DUE, (journey, journey.passes))

    def note(self, occurrence: Occurrence) -> None:
        self._push(occurrence.at, _OCCURRENCE, occurrence)

    def note_decision(self, at: datetime, decision: Decision) -> None:
        self._push(at, _OCCURRENCE, decision)

    def note_arrival(self, at: datetime, arrival: Arrival) -> None:
        self._push(at, _ARRIVAL, arrival)

    def _push(self, at: datetime, order: int, what: Next) -> None:
        self._noted += 1
        heapq.heappush(self._heap, (at, order, self._noted, what))

    def take(self, until: datetime) -> tuple[datetime, Next] | None:
        """The next thing before `until`; due times that a later pass has overtaken are dropped."""
        heap = self._heap
        while heap and heap[0][0] < until:
            at, _, _, what = heapq.heappop(heap)
            if not isinstance(what, tuple) or what[0].passes == what[1]:
                return at, what
        return None
