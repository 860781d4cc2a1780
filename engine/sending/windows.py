"""When messages may go: quiet hours, sending hours and holidays, on each person's own clock.

Hours of a wall clock are turned into instants before they are compared. So a night in which the
clock changes is waited out once: an hour that comes twice does not make it quiet again, and a time
that is skipped is the end of the gap.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final, TypeAlias

from engine.local_time import local, local_date, local_instant, start_of_day
from engine.sending.about import Scope
from engine.working_time import NoWorkingTime, WorkingCalendar, next_working_instant

_A_DAY: Final = timedelta(days=1)
# The holidays of a country (ISO 3166) in a year; of no country there are none.
HolidaysOf: TypeAlias = Callable[[str | None, int], Collection[date]]


def no_holidays(country: str | None, year: int) -> Collection[date]:  # noqa: ARG001 - the same
    return ()


@dataclass(frozen=True, slots=True)
class Almanac:
    """What rules about days are read with: calendars by name, and the holidays of countries."""

    calendars: Mapping[str, WorkingCalendar] = field(default_factory=dict)
    holidays: HolidaysOf = no_holidays


@dataclass(frozen=True, slots=True)
class Home:
    """Where somebody lives."""

    zone: str
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of the day on the person's own clock, until `end`; they may pass midnight."""

    start: time
    end: time

    def holds(self, at: time) -> bool:
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end

    def over_at(self, at: datetime, zone: str) -> datetime | None:
        """When the window that holds this instant is over; None when none does."""
        today = local_date(at, zone)
        passes_midnight = self.start > self.end
        for began in (today - _A_DAY, today) if passes_midnight else (today,):
            starts = local_instant(began, self.start, zone)
            ends = local_instant(began + _A_DAY if passes_midnight else began, self.end, zone)
            if starts <= at < ends:
                return ends
        return None

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


@dataclass(frozen=True, slots=True)
class Closed:
    """Why a message may not go at an instant; `until` is None where it never may."""

    code: str
    until: datetime | None
    hours: str = ""


@dataclass(frozen=True, slots=True)
class QuietHours:
    window: Window
    scope: Scope = field(default_factory=Scope)

    def closed(self, at: datetime, home: Home, almanac: Almanac) -> Closed | None:  # noqa: ARG002
        over = self.window.over_at(at, home.zone)
        return None if over is None else Closed("quiet_hours", over, str(self.window))


@dataclass(frozen=True, slots=True)
class SendingHours:
    """Messages go only within the hours of a week, or of a calendar by its name. Hours of a
    calendar with a zone of its own are meant in that zone."""

    hours: WorkingCalendar | None = None
    calendar: str | None = None
    scope: Scope = field(default_factory=Scope)

    def closed(self, at: datetime, home: Home, almanac: Almanac) -> Closed | None:
        hours = self.hours or almanac.calendars.get(self.calendar or "")
        if hours is None:
            # a calendar that was removed closes nothing for ever
            return None
        try:
            opens = next_working_instant(at, hours, home.zone)
        except NoWorkingTime:
            return Closed("sending_hours", None, self.calendar or "")
        return None if opens <= at else Closed("sending_hours", opens, self.calendar or "")


@dataclass(frozen=True, slots=True)
class Holidays:
    """Nothing goes on public holidays of `country`, or where the person lives when it is None."""

    country: str | None = None
    scope: Scope = field(default_factory=Scope)

    def closed(self, at: datetime, home: Home, almanac: Almanac) -> Closed | None:
        country = self.country or home.country
        today = local(at, home.zone).date()
        if today not in almanac.holidays(country, today.year):
            return None
        return Closed("holiday", start_of_day(today + _A_DAY, home.zone), country or "")


TimeRule: TypeAlias = QuietHours | SendingHours | Holidays
