"""Hours of a day as they are shown, filled in and stored. Pure.

Stored they are pairs such as ["09:00", "12:30"], where "24:00" ends a day. A field for the time of
a day knows no 24:00: there midnight is "00:00", which as an end means the end of the day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.services.calendars.document import WEEKDAYS

Shift = list[str]
MOST_SHIFTS: Final = 12
_USUAL: Final = ["09:00", "18:00"]
_HOUR: Final = 60
_PAUSE: Final = _HOUR
_PART: Final = 4 * _HOUR
_END: Final = 24 * _HOUR


def text_of(shifts: Any) -> str:
    """As it is shown; nothing for what cannot be read."""
    return ", ".join("-".join(shift) for shift in shifts_in(shifts))


def shifts_in(document: Any) -> list[Shift]:
    """The hours of a stored day, each a list of two texts or of what was found in their place."""
    if not isinstance(document, Sequence) or isinstance(document, str):
        return []
    return [
        [str(part) for part in shift]
        for shift in document
        if isinstance(shift, Sequence) and not isinstance(shift, str)
    ]


def week_of(days: Mapping[str, list[Shift]]) -> dict[str, list[Shift]]:
    """The document of a week; a day without hours is left out."""
    return {day: days[day] for day in WEEKDAYS if days.get(day)}


def filled(shift: Sequence[str]) -> tuple[str, str]:
    """What two fields for times show."""
    begins, ends = (*shift, "", "")[:2]
    return begins, "00:00" if ends == "24:00" else ends


def read(begins: Any, ends: Any) -> Shift:
    """What two fields for times say; seconds, which some browsers add, are left out."""
    first, last = str(begins or "").strip()[:5], str(ends or "").strip()[:5]
    return [first, "24:00" if last == "00:00" else last]


def next_shift(shifts: Sequence[Sequence[str]]) -> Shift | None:
    """What is offered after these: an hour's pause and the rest of a usual day. None where nothing
    fits any more."""
    if not shifts:
        return list(_USUAL)
    last = _minutes(shifts[-1][-1]) if shifts[-1] else None
    if last is None:
        return ["", ""]
    if last + _PAUSE >= _END or len(shifts) >= MOST_SHIFTS:
        return None
    begins = last + _PAUSE
    usual = _minutes(_USUAL[1]) or _END
    ends = usual if begins < usual else min(begins + _PART, _END)
    return [_clock(begins), _clock(ends)]


def _minutes(text: str) -> int | None:
    hours, colon, minutes = text.partition(":")
    if not (colon and hours.isdecimal() and minutes.isdecimal() and len(text) == 5):
        return None
    return int(hours) * _HOUR + int(minutes)


def _clock(minutes: int) -> str:
    return f"{minutes // _HOUR:02}:{minutes % _HOUR:02}"
