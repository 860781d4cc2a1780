"""The hours of a calendar as they are written and stored, read with every mistake told.

Hours are `{"mon": [["09:00", "12:30"], ["13:30", "18:00"]], ...}`; a day that is left out is off.
Exceptions are `{"2026-12-24": [["09:00", "12:00"]], "2026-12-31": []}`. "24:00" ends a day.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from engine.errors import Problem
from engine.flows.problems import did_you_mean, shown
from engine.working_time import END_OF_DAY, Hours

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_EXCEPTIONS: Final = 1000
_CLOCK: Final = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00")
_MOST_SHIFTS: Final = 12

Week = tuple[Hours, Hours, Hours, Hours, Hours, Hours, Hours]


def read_week(document: Any, problems: list[Problem]) -> Week:
    """The hours of Monday to Sunday; what is wrong is added to `problems`."""
    given = _mapping(document, "/hours", problems)
    for key in given.keys() - set(WEEKDAYS):
        problems.append(_problem(f"/hours/{key}", f"no weekday; {did_you_mean(key, WEEKDAYS)}"))
    week = tuple(_hours(given.get(day), f"/hours/{day}", problems) for day in WEEKDAYS)
    if not any(week) and not problems:
        sentence = "nobody ever works; give at least one day hours."
        problems.append(Problem("/hours", "no_hours", sentence))
    return week  # type: ignore[return-value]  # there are seven weekdays


def read_exceptions(document: Any, problems: list[Problem]) -> dict[date, Hours]:
    """Single days with their own hours; what is wrong is added to `problems`."""
    given = _mapping(document, "/exceptions", problems)
    if len(given) > MOST_EXCEPTIONS:
        problems.append(_problem("/exceptions", f"at most {MOST_EXCEPTIONS} days."))
        return {}
    found = {}
    for key, hours in given.items():
        place = f"/exceptions/{key}"
        day = _day(key)
        if day is None:
            problems.append(Problem(place, "bad_date", "no date; write one such as 2026-12-24."))
        else:
            found[day] = _hours(hours, place, problems)
    return found


def _hours(document: Any, place: str, problems: list[Problem]) -> Hours:
    if document is None:
        return ()
    if not isinstance(document, list) or len(document) > _MOST_SHIFTS:
        problems.append(_problem(place, 'write hours such as [["09:00", "18:00"]].'))
        return ()
    found: list[tuple[int, int]] = []
    for index, shift in enumerate(document):
        read = _shift(shift, f"{place}/{index}", problems)
        if read is None:
            continue
        if found and read[0] < found[-1][1]:
            sentence = "begins before the hours ahead of it end; write hours in order."
            problems.append(Problem(f"{place}/{index}", "shifts_overlap", sentence))
            continue
        found.append(read)
    return tuple(found)


def _shift(document: Any, place: str, problems: list[Problem]) -> tuple[int, int] | None:
    match document:
        case [str(begins), str(ends)] if _CLOCK.fullmatch(begins) and _CLOCK.fullmatch(ends):
            start, end = _minutes(begins), _minutes(ends)
            if start < end:
                return start, end
            sentence = "ends before it begins; hours over midnight are written on both days."
            problems.append(Problem(place, "over_midnight", sentence))
        case _:
            what = shown(document)
            sentence = f'{what} is no pair of times; write one such as ["09:00", "18:00"].'
            problems.append(Problem(place, "bad_shift", sentence))
    return None


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return min(int(hours) * 60 + int(minutes), END_OF_DAY)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _mapping(document: Any, place: str, problems: list[Problem]) -> Mapping[str, Any]:
    if isinstance(document, dict) and all(isinstance(key, str) for key in document):
        return document
    problems.append(_problem(place, f"this is a mapping of days to hours, not {shown(document)}."))
    return {}


def _problem(place: str, message: str) -> Problem:
    return Problem(place, "bad_calendar", message)
