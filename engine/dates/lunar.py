"""The Chinese lunar calendar from 1900 to 2100, from a table.

Years are named by the Gregorian year in which they begin. A leap month follows the month whose
number it has. The days are those of Beijing, as everybody who keeps the calendar counts them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from engine.dates.lunar_table import FIRST_YEAR, NEW_YEAR, YEARS

LAST_YEAR: Final = FIRST_YEAR + len(YEARS) - 1
LONGEST_MONTH: Final = 30


class OutsideTheTable(ValueError):
    """The day or year lies before 1900 or after 2100."""


@dataclass(frozen=True, slots=True)
class LunarMonth:
    """A month with its first day on the Gregorian calendar; `days` is 29 or 30."""

    year: int
    month: int
    leap: bool
    first: date
    days: int


@dataclass(frozen=True, slots=True)
class LunarDay:
    year: int
    month: int
    day: int
    leap: bool = False


def months_of(year: int) -> tuple[LunarMonth, ...]:
    """The twelve or thirteen months of a lunar year, in order; raises OutsideTheTable."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise OutsideTheTable(f"the lunar calendar is known from 1900 to 2100, not in {year}")
    return _MONTHS[year - FIRST_YEAR]


@lru_cache(maxsize=8192)
def to_lunar(day: date) -> LunarDay:
    """The lunar day of a Gregorian one; raises OutsideTheTable."""
    index = bisect_right(_FIRST_DAYS, day) - 1
    if index < 0 or day >= _END:
        raise OutsideTheTable(f"the lunar calendar is known from {NEW_YEAR} to {_END}, not {day}")
    month = _ALL[index]
    return LunarDay(month.year, month.month, (day - month.first).days + 1, month.leap)


def from_lunar(lunar: LunarDay) -> date | None:
    """The Gregorian day; None where the year has no such month or the month no such day.

    Raises OutsideTheTable.
    """
    for month in months_of(lunar.year):
        if (month.month, month.leap) == (lunar.month, lunar.leap):
            return month.first + timedelta(days=lunar.day - 1) if lunar.day <= month.days else None
    return None


def ordinary_month(year: int, month: int) -> LunarMonth:
    """The month of that number that is no leap month: every year has it once."""
    return next(one for one in months_of(year) if one.month == month and not one.leap)


def _read() -> Iterator[tuple[LunarMonth, ...]]:
    first = NEW_YEAR
    for index, packed in enumerate(YEARS):
        year, leap = FIRST_YEAR + index, packed >> 13
        numbers = [(number, False) for number in range(1, 13)]
        if leap:
            numbers.insert(leap, (leap, True))
        months = []
        for place, (number, is_leap) in enumerate(numbers):
            days = 29 + (packed >> place & 1)
            months.append(LunarMonth(year, number, is_leap, first, days))
            first += timedelta(days=days)
        yield tuple(months)


_MONTHS: Final = tuple(_read())
_ALL: Final = tuple(month for year in _MONTHS for month in year)
_FIRST_DAYS: Final = [month.first for month in _ALL]
_END: Final = _ALL[-1].first + timedelta(days=_ALL[-1].days)
