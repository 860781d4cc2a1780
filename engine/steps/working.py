"""What steps that count working time share: which calendar, and what to do without it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal

from engine.flows.mentions import Mention
from engine.flows.problems import Code
from engine.local_time import Span
from engine.steps.base import Place
from engine.steps.field_types import refused
from engine.steps.moves import Hold
from engine.working_time import NoWorkingTime, WorkingCalendar

# Stands for the calendar that counts where none is named.
DEFAULT_CALENDAR: Final = ""
WORKING_TIME: Final = "working_time"
TimeKind = Literal["working_time"]
# Two thousand hours are a year of work; looking further day by day would take a batch too long.
_MOST_HOURS: Final = 2000
_MOST_DAYS: Final = 731


def calendar_mentions(name: str | None) -> tuple[Mention, ...]:
    return () if name is None else (Mention("calendar", name, ("calendar",)),)


def calendar_at(here: Place, name: str | None) -> WorkingCalendar | Hold:
    """The calendar, or the reason why the run must stand still."""
    calendar = here.calendars.get(name or DEFAULT_CALENDAR)
    if calendar is not None:
        return calendar
    which = f'the calendar "{name}"' if name else "a default calendar"
    return Hold("no_calendar", f"There is no working time without {which}. Make it, then retry.")


def moment_or_hold(moment: Callable[[], datetime]) -> datetime | Hold:
    """The moment, or why the run must stand still: a calendar may have too little work for it."""
    try:
        return moment()
    except NoWorkingTime:
        return Hold(
            "no_working_time",
            "There is not so much working time in ten years of this calendar. Mend its hours or "
            "the wait, then retry.",
        )


def refuse_long(span: Span) -> None:
    """Working time is looked for day by day, so a promise of it reaches two years ahead at most."""
    if span.months * 31 + span.days > _MOST_DAYS or span.seconds > _MOST_HOURS * 3600:
        raise refused(
            Code.BAD_SPAN, f"working time is at most {_MOST_DAYS} days and {_MOST_HOURS} hours."
        )
