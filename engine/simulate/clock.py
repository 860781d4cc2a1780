"""The order in which things happen on the virtual clock."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from engine.simulate.people import Occurrence
from engine.simulate.trace import Journey

# At one instant a run whose own time has come is moved before it hears of an event: a timeout that
# was reached first stays first, as in the drivers.
_DUE, _OCCURRENCE = 0, 1

Next: TypeAlias = "tuple[Journey, int] | Occurrence"


@dataclass(slots=True)
class Agenda:
    """Due times and occurrences, soonest first; what is equal keeps the order it was noted in."""

    _heap: list[tuple[datetime, int, int, Next]] = field(default_factory=list)
    _noted: int = 0

    def note_due(self, at: datetime, journey: Journey) -> None:
        self._push(at, _DUE, (journey, journey.passes))

    def note(self, occurrence: Occurrence) -> None:
        self._push(occurrence.at, _OCCURRENCE, occurrence)

    def _push(self, at: datetime, order: int, what: Next) -> None:
        self._noted += 1
        heapq.heappush(self._heap, (at, order, self._noted, what))

    def take(self, until: datetime) -> tuple[datetime, Next] | None:
        """The next thing before `until`; due times that a later pass has overtaken are dropped."""
        while self._heap and self._heap[0][0] < until:
            at, _, _, what = heapq.heappop(self._heap)
            if isinstance(what, Occurrence) or what[0].passes == what[1]:
                return at, what
        return None
