"""Days and times that people type, on the wall clock of the reader."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from nicegui import ui

from designer.i18n import N_
from engine.errors import Problem, Refused
from engine.local_time import local_instant


class BadMoment(Refused):
    """Not a day, or not a time."""


def day_field(label: str, value: date | None = None) -> ui.input:
    field = ui.input(label, value=value.isoformat() if value else "")
    field.props("outlined dense type=date stack-label").classes("cz-field full-width")
    return field


def time_field(label: str, value: str) -> ui.input:
    field = ui.input(label, value=value)
    field.props("outlined dense type=time stack-label").classes("cz-field full-width")
    return field


def day_of(text: Any) -> date:
    """Raises BadMoment."""
    try:
        return date.fromisoformat(str(text or ""))
    except ValueError as error:
        raise BadMoment(NO_DAY, [Problem("/day", "bad_date", "")]) from error


def moment_of(day: Any, clock: Any, zone: str) -> datetime:
    """Aware UTC; raises BadMoment."""
    try:
        at = time.fromisoformat(str(clock or ""))
    except ValueError as error:
        raise BadMoment(NO_TIME, [Problem("/time", "bad_time", "")]) from error
    return local_instant(day_of(day), at, zone).astimezone(UTC)


def day_after(day: date) -> date:
    return day + timedelta(days=1)


NO_DAY = N_("Choose the days first.")
NO_TIME = N_("Write times such as 09:00.")
