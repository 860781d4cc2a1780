"""On which day a date comes round in a year.

Gregorian: the day of the same month and number; 29 February as its policy says.
Lunar: the day of the same month and number of the lunar year. Whoever was born in a leap month
keeps the ordinary month of that number, so the day comes exactly once in every lunar year; whoever
was born on a 30th keeps the 29th where the month has no 30th.
"""

from __future__ import annotations

import calendar as gregorian
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final

from engine.dates.lunar import (
    LAST_YEAR,
    LONGEST_MONTH,
    LunarDay,
    OutsideTheTable,
    from_lunar,
    ordinary_month,
    to_lunar,
)
from engine.dates.lunar_table import FIRST_YEAR

LEAP_DAY: Final = (2, 29)


class Calendar(StrEnum):
    GREGORIAN = "gregorian"
    LUNAR = "lunar"


class LeapDay(StrEnum):
    """When 29 February is kept in a year that has none."""

    FEB_28 = "28_feb"
    MAR_1 = "1_mar"
    LEAP_YEARS_ONLY = "leap_years_only"


@dataclass(frozen=True, slots=True)
class Return:
    """A date that came round on `day`; `year` is the year of its own calendar."""

    day: date
    year: int


def in_year(born: date, year: int, calendar: Calendar, leap_day: LeapDay) -> date | None:
    """The day on which `born` comes round in a year of its calendar; None when it does not.

    The day itself is no return: the first one comes a year after. Lunar days outside of 1900 to
    2100 never come.
    """
    if calendar is Calendar.LUNAR:
        return _in_lunar_year(born, year)
    return None if year <= born.year else _in_gregorian_year(born, year, leap_day)


def returning_on(day: date, born: date, calendar: Calendar, leap_day: LeapDay) -> Return | None:
    """What `day` is to somebody born on `born`: the return of a year, or nothing."""
    try:
        year = day.year if calendar is Calendar.GREGORIAN else to_lunar(day).year
    except OutsideTheTable:
        return None
    return Return(day, year) if in_year(born, year, calendar, leap_day) == day else None


def births_kept_on(day: date, calendar: Calendar, leap_day: LeapDay) -> frozenset[tuple[int, int]]:
    """The (month, day) of the calendar that are kept on this Gregorian day.

    A superset for looking people up; `returning_on` decides.
    """
    if calendar is Calendar.LUNAR:
        return _lunar_births(day)
    found = {(day.month, day.day)}
    if not gregorian.isleap(day.year) and _leap_day_in_common_year(day.year, leap_day) == day:
        found.add(LEAP_DAY)
    return frozenset(found)


@lru_cache(maxsize=256)
def lunar_births_as_dates(day: date) -> tuple[date, ...]:
    """The Gregorian birth dates up to `day` whose lunar day is kept on `day`; some hundred."""
    found = [
        born
        for month, number in sorted(_lunar_births(day))
        for year in range(FIRST_YEAR, day.year + 1)
        for leap in (False, True)
        if (born := _born(LunarDay(year, month, number, leap))) is not None and born <= day
    ]
    return tuple(found)


def _in_gregorian_year(born: date, year: int, leap_day: LeapDay) -> date | None:
    if (born.month, born.day) != LEAP_DAY or gregorian.isleap(year):
        return date(year, born.month, born.day)
    return _leap_day_in_common_year(year, leap_day)


def _leap_day_in_common_year(year: int, leap_day: LeapDay) -> date | None:
    match leap_day:
        case LeapDay.FEB_28:
            return date(year, 2, 28)
        case LeapDay.MAR_1:
            return date(year, 3, 1)
        case LeapDay.LEAP_YEARS_ONLY:
            return None


def _in_lunar_year(born: date, year: int) -> date | None:
    try:
        lunar = to_lunar(born)
        if year <= lunar.year or year > LAST_YEAR:
            return None
        month = ordinary_month(year, lunar.month)
    except OutsideTheTable:
        return None
    return month.first + timedelta(days=min(lunar.day, month.days) - 1)


@lru_cache(maxsize=256)
def _lunar_births(day: date) -> frozenset[tuple[int, int]]:
    try:
        lunar = to_lunar(day)
    except OutsideTheTable:
        return frozenset()
    found = {(lunar.month, lunar.day)}
    is_last = _born(LunarDay(lunar.year, lunar.month, lunar.day + 1, lunar.leap)) is None
    if is_last:
        found.add((lunar.month, LONGEST_MONTH))
    return frozenset(found)


def _born(lunar: LunarDay) -> date | None:
    try:
        return from_lunar(lunar)
    except OutsideTheTable:
        return None
