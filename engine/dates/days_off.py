"""Moving a day off weekends and public holidays.

Which days are off is given as plain dates: where they come from is not this module's business.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

# The longest run of days off that is looked through; Golden Week with its weekends has nine.
FURTHEST_DAYS: Final = 21
SATURDAY_AND_SUNDAY: Final = frozenset({5, 6})


class Shift(StrEnum):
    """Where a day goes that is no working day."""

    NONE = "none"
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class DaysOff:
    """`weekend` are weekdays (Monday is 0), `holidays` are off and `working` are worked all the
    same, such as the 调休 Saturdays of China.
    """

    weekend: frozenset[int] = SATURDAY_AND_SUNDAY
    holidays: frozenset[date] = frozenset()
    working: frozenset[date] = frozenset()

    def __contains__(self, day: date) -> bool:
        if day in self.working:
            return False
        return day in self.holidays or day.weekday() in self.weekend


WEEKENDS: Final = DaysOff()
NO_DAYS_OFF: Final = DaysOff(frozenset())

# The days off of a country (ISO 3166 alpha-2) around a year; None: the country is not known.
DaysOffOf = Callable[[str | None, int], DaysOff]


def shifted(day: date, shift: Shift, off: DaysOff) -> date:
    """The nearest working day in the direction of the shift; `day` itself when it is one.

    Where nobody works for three weeks the day stays what it is.
    """
    if shift is Shift.NONE or day not in off:
        return day
    step = timedelta(days=-1 if shift is Shift.BEFORE else 1)
    for moved in (day + step * ahead for ahead in range(1, FURTHEST_DAYS + 1)):
        if moved not in off:
            return moved
    return day


def shifted_onto(day: date, shift: Shift, off: DaysOff) -> tuple[date, ...]:
    """The days that `shifted` brings to `day`, in order: none when it is off itself."""
    if shift is Shift.NONE:
        return (day,)
    back = timedelta(days=1 if shift is Shift.BEFORE else -1)
    found = [day] if shifted(day, shift, off) == day else []
    for ahead in range(1, FURTHEST_DAYS + 1):
        came_from = day + back * ahead
        if came_from not in off:
            break
        if shifted(came_from, shift, off) == day:
            found.append(came_from)
    return tuple(sorted(found))
