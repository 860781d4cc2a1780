"""Hours of a week as a policy writes them: {"mon": [["09:00", "18:00"]], ...}."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import time
from typing import Any, Final

from engine.flows.problems import did_you_mean, shown
from engine.working_time import END_OF_DAY, Hours, WorkingCalendar

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
Week = tuple[Hours, Hours, Hours, Hours, Hours, Hours, Hours]


def read_clock(given: Any) -> time | None:
    """The time of day in "21:00"; None for anything else."""
    match = _CLOCK.fullmatch(given) if isinstance(given, str) else None
    return None if match is None else time(int(match[1]), int(match[2]))


def read_hours(given: Any, place: str, refuse: Callable[[str, str], None]) -> Week | None:
    """The hours of Monday to Sunday; None where they cannot be used, and `refuse` was told why."""
    if not isinstance(given, Mapping):
        refuse(place, f'write hours such as {{mon: [["09:00", "18:00"]]}}, not {shown(given)}.')
        return None
    for day in given.keys() - set(WEEKDAYS):
        refuse(f"{place}/{day}", f"no weekday; {did_you_mean(str(day), WEEKDAYS)}")
        return None
    week = [_shifts(given.get(day), f"{place}/{day}", refuse) for day in WEEKDAYS]
    if any(one is None for one in week):
        return None
    if not any(week):
        refuse(place, "nothing could ever be sent; give at least one day hours.")
        return None
    return tuple(week)  # type: ignore[return-value]  # there are seven weekdays, and none is None


def _shifts(given: Any, place: str, refuse: Callable[[str, str], None]) -> Hours | None:
    if given is None:
        return ()
    found: list[tuple[int, int]] = []
    for shift in given if isinstance(given, list) else [given]:
        pair = shift if isinstance(shift, list) and len(shift) == 2 else (None, None)
        start, end = _minutes(pair[0]), _minutes(pair[1])
        if start is None or end is None:
            refuse(place, f'{shown(shift)} are no hours; write them such as ["09:00", "18:00"].')
            return None
        if end <= start:
            refuse(place, "ends before it begins; hours over midnight are written on both days.")
            return None
        if found and start < found[-1][1]:
            refuse(place, "begins before the hours ahead of it end; write hours in order.")
            return None
        found.append((start, end))
    return tuple(found)


def _minutes(given: Any) -> int | None:
    if given == "24:00":
        return END_OF_DAY
    clock = read_clock(given)
    return None if clock is None else clock.hour * 60 + clock.minute


def calendar_of(week: Week) -> WorkingCalendar:
    """The hours as a calendar, on the clock of whoever is written to."""
    return WorkingCalendar(week)
