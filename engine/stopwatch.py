"""A stopwatch that counts working time, and stands still while it is paused.

No calendar means the time of the clock, day and night.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from engine.local_time import Span
from engine.working_time import WorkingCalendar, after_working_time, working_time_between

_A_DAY: Final = timedelta(days=1)
_DAYS_OF_A_MONTH: Final = 30


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """`spent` is the working time until the last pause; `running_since` is None while it is paused.

    It keeps no calendar: whoever asks brings one, so a calendar that is mended counts from then on
    for the whole stretch that is running.
    """

    spent: timedelta = timedelta()
    running_since: datetime | None = None

    def started(self, at: datetime) -> Stopwatch:
        """Running from `at`; one that runs already goes on as it does."""
        return self if self.running_since is not None else replace(self, running_since=at)

    def paused(self, at: datetime, calendar: WorkingCalendar | None, zone: str) -> Stopwatch:
        """Standing still from `at`; one that is paused already stays as it is. A pause ahead of the
        start takes nothing away."""
        if self.running_since is None:
            return self
        return Stopwatch(self.spent_at(at, calendar, zone))

    def spent_at(self, at: datetime, calendar: WorkingCalendar | None, zone: str) -> timedelta:
        if self.running_since is None:
            return self.spent
        return self.spent + max(_between(self.running_since, at, calendar, zone), timedelta())

    def due(self, limit: timedelta, calendar: WorkingCalendar | None, zone: str) -> datetime | None:
        """When `limit` will have been spent; None while it is paused. What was spent before the
        last start is due at that start. Raises NoWorkingTime."""
        if self.running_since is None:
            return None
        left = max(limit - self.spent, timedelta())
        if not left:
            return self.running_since
        if calendar is None:
            return self.running_since + left
        return after_working_time(self.running_since, left, calendar, zone)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values; microseconds are kept."""
        since = self.running_since.isoformat() if self.running_since else None
        return {"spent_us": self.spent // timedelta(microseconds=1), "running_since": since}

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> Stopwatch:
        since = document.get("running_since")
        return Stopwatch(
            timedelta(microseconds=document.get("spent_us", 0)),
            datetime.fromisoformat(since) if since else None,
        )


def working_length(span: Span, calendar: WorkingCalendar | None) -> timedelta:
    """How much working time a span means as a limit.

    Hours are hours. A day is a usual working day: the length that most days of the week have, the
    longer one where two are as frequent. A month is 30 days of the clock, or so many usual days as
    are worked in them: 21 in a week of five. Without a calendar a day has 24 hours.
    """
    day, days_of_a_month = _A_DAY, _DAYS_OF_A_MONTH
    if calendar is not None:
        lengths = [sum(ends - begins for begins, ends in hours) for hours in calendar.week if hours]
        counted = Counter(lengths)
        usual = max(counted, key=lambda length: (counted[length], length), default=24 * 60)
        day = timedelta(minutes=usual)
        days_of_a_month = round(_DAYS_OF_A_MONTH * len(lengths) / 7)
    days = span.days + span.months * days_of_a_month
    return days * day + timedelta(seconds=span.seconds)


def _between(
    earlier: datetime, later: datetime, calendar: WorkingCalendar | None, zone: str
) -> timedelta:
    if calendar is None:
        return later - earlier
    return working_time_between(earlier, later, calendar, zone)
