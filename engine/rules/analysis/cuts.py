"""Places between values, and which of two lies before the other whatever the time and zone.

A range of values begins and ends at a cut: just before or just after a value. A cut at a written
value has a fixed place. A cut at a moment ("three days ago", "the first of this month") moves with
now; two such cuts are put in order only where the order holds at every instant in every zone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.local_time import Unit, add_to_date
from engine.rules import ir
from engine.rules.types import Type

Place = ir.Scalar | ir.Moment

_DAY = 86_400.0
# The longest time from the first instant of a unit to now, in days.
_LONGEST: dict[Unit, int] = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
_NEXT: dict[Unit, tuple[int, int]] = {
    "day": (0, 1),
    "week": (0, 7),
    "month": (1, 0),
    "quarter": (3, 0),
    "year": (12, 0),
}
# Clock changes, and zones that once moved over the date line, shift a wall clock by up to a day.
_CLOCKS = 26 * 3_600.0
_MONTH = 365.2425 / 12
# Months differ from their mean by a few days, however many are added up.
_UNEVEN = 6.0


@dataclass(frozen=True, slots=True)
class Cut:
    """Just before a value, or just `after` it."""

    at: Place
    after: bool = False


def cut(at: ir.Literal | ir.Moment, *, after: bool = False) -> Cut | None:
    """The cut at a written value or moment; None where a calendar cannot hold it.

    The day after a date is the same cut as the end of the date, and a moment that counts from a
    written date is a date itself.
    """
    kind = at.type
    place: Place = at.value if isinstance(at, ir.Literal) else at
    try:
        if kind is Type.DATE:
            place = _plain_day(place)
            return Cut(_next_day(place)) if after else Cut(place)
        if isinstance(place, ir.Moment) and isinstance(place.anchor, date):
            return None if after else Cut(ir.Moment(kind, add_to_date(place.anchor, place.offset)))
    except (OverflowError, ValueError):
        return None
    if isinstance(place, ir.Moment) and place.anchor != "now" and after:
        # where a zone skipped a day, two days begin at one instant
        return None
    return Cut(place, after)


def _plain_day(place: Place) -> Place:
    if isinstance(place, ir.Moment) and isinstance(place.anchor, date):
        return add_to_date(place.anchor, place.offset)
    return place


def _next_day(place: Place) -> Place:
    if isinstance(place, ir.Moment):
        offset = place.offset
        moved = type(offset)(offset.months, offset.days + 1, offset.seconds)
        return ir.Moment(place.type, place.anchor, moved)
    assert isinstance(place, date)
    return place + timedelta(days=1)


def chains(cuts: Iterable[Cut]) -> list[list[Cut]]:
    """The cuts in rows, each in order at every instant; cuts whose order depends on the instant
    stand in different rows.
    """
    written, days, moving = [], [], []
    for one in set(cuts):
        if not isinstance(one.at, ir.Moment):
            written.append(one)
        elif isinstance(one.at.anchor, date):
            days.append(one)
        else:
            moving.append(one)
    rows = [sorted(row, key=_written_place) for row in (written, days) if row]
    return rows + _in_rows(sorted(moving, key=repr))


def _written_place(one: Cut) -> tuple[object, bool]:
    return (one.at.anchor if isinstance(one.at, ir.Moment) else one.at), one.after


def _in_rows(moving: list[Cut]) -> list[list[Cut]]:
    rows: list[list[Cut]] = []
    for one in moving:
        for row in rows:
            at = _place_in(row, one)
            if at is not None:
                row.insert(at, one)
                break
        else:
            rows.append([one])
    return rows


def _place_in(row: list[Cut], one: Cut) -> int | None:
    """Where in the row a cut belongs, or None when some cut of it may be on either side."""
    before = 0
    for other in row:
        if not_after(other, one):
            before += 1
        elif not not_after(one, other):
            return None
    return before if all(not_after(other, one) for other in row[:before]) else None


def not_after(left: Cut, right: Cut) -> bool:
    """Whether the left cut is never behind the right one."""
    assert isinstance(left.at, ir.Moment)
    assert isinstance(right.at, ir.Moment)
    order = _difference(left.at, right.at)
    if order is not None:
        return order > 0 or (order == 0 and left.after <= right.after)
    latest, earliest = _reach(left.at)[1], _reach(right.at)[0]
    return latest < earliest or (latest == earliest and not (left.after and not right.after))


def _difference(left: ir.Moment, right: ir.Moment) -> float | None:
    """How far right is behind left, when only one unit tells them apart."""
    if left.anchor != right.anchor:
        return None
    steps = [
        right.offset.months - left.offset.months,
        right.offset.days - left.offset.days,
        right.offset.seconds - left.offset.seconds,
    ]
    apart = [step for step in steps if step]
    if len(apart) > 1:
        return None
    return apart[0] if apart else 0


def _reach(moment: ir.Moment) -> tuple[float, float]:
    """The earliest and latest it can be: seconds from now, or for dates days from today."""
    offset, whole_days = moment.offset, moment.type is Type.DATE
    size = 1.0 if whole_days else _DAY
    clocks = 0.0 if whole_days else _CLOCKS
    low, high = 0.0, 0.0
    if moment.anchor != "now":
        assert not isinstance(moment.anchor, date | datetime)
        longest = _LONGEST[moment.anchor]
        low = -(longest - 1.0) if whole_days else -(longest * _DAY) - clocks
        if (offset.months, offset.days) == _NEXT[moment.anchor]:
            # the next one has not begun
            first = 1.0 if whole_days else 1e-6
            return first, longest * size + clocks
    if offset.months or offset.days:
        days = offset.months * _MONTH + offset.days
        slack = (_UNEVEN if offset.months else 0.0) * size + clocks
        low, high = low + days * size - slack, high + days * size + slack
    return low + offset.seconds, high + offset.seconds
