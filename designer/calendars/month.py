"""A month of a calendar: which days are worked, and why the others are not. Pure."""

from __future__ import annotations

from calendar import Calendar as Weeks
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from engine.working_time import END_OF_DAY, Hours, WorkingCalendar

Why = Literal["week", "off", "holiday", "worked", "exception"]
_MINUTES: Final = 60


@dataclass(frozen=True, slots=True)
class Day:
    """`why`: as the week says, off as the week says, a public holiday, worked although the week
    says otherwise, or a single day of its own."""

    date: date
    hours: Hours
    why: Why
    inside: bool


def month_of(calendar: WorkingCalendar, year: int, month: int) -> list[list[Day]]:
    """Weeks from Monday to Sunday; days of the months beside are not `inside`."""
    weeks = Weeks(firstweekday=0).monthdatescalendar(year, month)
    return [[_day(calendar, day, month) for day in week] for week in weeks]


def _day(calendar: WorkingCalendar, day: date, month: int) -> Day:
    hours, special = calendar.hours_on(day), calendar.special_days(day.year)
    why: Why = "week" if hours else "off"
    if day in calendar.exceptions:
        why = "exception"
    elif day in special.worked:
        why = "worked"
    elif day in special.off and calendar.week[day.weekday()]:
        why = "holiday"
    return Day(day, hours, why, day.month == month)


def minutes_of(hours: Hours) -> int:
    return sum(ends - begins for begins, ends in hours)


def hours_text(hours: Hours) -> str:
    """ "09:00-18:00"; the end of the day is 24:00."""
    return ", ".join(f"{_clock(begins)}-{_clock(ends)}" for begins, ends in hours)


def _clock(minutes: int) -> str:
    if minutes == END_OF_DAY:
        return "24:00"
    hour, minute = divmod(minutes, _MINUTES)
    return f"{hour:02}:{minute:02}"


def moved(year: int, month: int, by: int) -> tuple[int, int]:
    """So many months further."""
    at = year * 12 + month - 1 + by
    return at // 12, at % 12 + 1
