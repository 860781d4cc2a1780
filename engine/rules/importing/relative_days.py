"""Days and instants that builders write relative to now, and comparisons with them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

from engine.local_time import LONGEST_SPAN_DAYS, Span, SpanRefused, Unit, format_span
from engine.rules.operators.comparing import Sign

Edge = Literal["now", "day", "start", "end"]
_MONTHS: dict[str, int] = {"month": 1, "quarter": 3, "year": 12}
_DAYS: dict[str, int] = {"day": 1, "week": 7}
_SECONDS: dict[str, int] = {"second": 1, "minute": 60, "hour": 3_600}
# The edges of a day are instants in a builder and whole days in a rule; only the very instant of
# midnight falls on the other side for some signs.
_AT_AN_EDGE: dict[Sign, Sign] = {"<": "<", "<=": "<", ">": ">=", ">=": ">="}


@dataclass(frozen=True, slots=True)
class When:
    """Now, a whole day, or an instant at the start or just before the end of a period; moved."""

    edge: Edge
    unit: Unit = "day"
    months: int = 0
    days: int = 0
    seconds: int = 0

    def moved(self, number: object, unit: object) -> When | None:
        """So many units later; None when that cannot be said of it."""
        if not isinstance(number, int) or isinstance(number, bool) or not isinstance(unit, str):
            return None
        name = unit.removesuffix("s")
        if abs(number) > LONGEST_SPAN_DAYS:
            return None
        if name in _MONTHS:
            return replace(self, months=self.months + number * _MONTHS[name])
        if name in _DAYS:
            return replace(self, days=self.days + number * _DAYS[name])
        if name in _SECONDS and self.edge == "now":
            return replace(self, seconds=self.seconds + number * _SECONDS[name])
        return None

    def as_day(self) -> When:
        """The day it lies on; the end of a period is its last day."""
        if self.edge != "end":
            return replace(self, edge="day", seconds=0)
        after = self.past_the_end()
        return replace(after, edge="day", days=after.days - 1)

    def past_the_end(self) -> When:
        """The first day after the period whose end this is."""
        return replace(
            self,
            edge="day",
            months=self.months + _MONTHS.get(self.unit, 0),
            days=self.days + _DAYS.get(self.unit, 0),
        )

    def written(self) -> object:
        """The moment in a rule; raises SpanRefused when it lies further off than a rule can say."""
        anchor = "now" if self.edge == "now" else self.unit
        parts = (Span(months=self.months), Span(days=self.days), Span(seconds=self.seconds))
        moves = [format_span(part) for part in parts if part]
        if len(moves) > 2:
            raise SpanRefused("A moment moves twice at most.")
        return {"moment": [anchor, *moves]}


def compared(sign: Sign, when: When) -> tuple[Sign, When] | None:
    """How a rule compares with it; None for an exact comparison with the edge of a period."""
    if when.edge in ("now", "day"):
        return sign, when
    if sign not in _AT_AN_EDGE:
        return None
    day = when.past_the_end() if when.edge == "end" else when.as_day()
    return _AT_AN_EDGE[sign], day


def unit_named(name: object) -> Unit | None:
    """The calendar unit of this name."""
    return next((unit for unit in get_args(Unit) if unit == name), None)
