"""Hours of a day as people type them: "09:00-12:30, 13:30-18:00". Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.services.calendars.document import WEEKDAYS

_CLOCK: Final = r"\s*(\d{1,2})[:.]?(\d{2})?\s*"
_SHIFT: Final = re.compile(f"{_CLOCK}(?:-|–|—|to|至|到){_CLOCK}")


def shifts_of(text: str) -> list[list[str]]:
    """What is no shift is handed on as it stands, so that the check says so at its place."""
    found = []
    for part in re.split(r"[,;，；、]", text):
        if not part.strip():
            continue
        match = _SHIFT.fullmatch(part)
        if match is None:
            found.append([part.strip()])
            continue
        from_hour, from_minute, to_hour, to_minute = match.groups(default="00")
        found.append([f"{from_hour:0>2}:{from_minute}", f"{to_hour:0>2}:{to_minute}"])
    return found


def text_of(shifts: Any) -> str:
    """As it is shown; nothing for what cannot be read."""
    if not isinstance(shifts, Sequence) or isinstance(shifts, str):
        return ""
    return ", ".join("-".join(str(part) for part in shift) for shift in shifts)


def week_of(texts: Mapping[str, str]) -> dict[str, list[list[str]]]:
    """The document of a week; a day without hours is left out."""
    found = {day: shifts_of(texts.get(day, "")) for day in WEEKDAYS}
    return {day: shifts for day, shifts in found.items() if shifts}
