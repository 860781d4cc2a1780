"""The next time a wall clock shows something: opening hours, weekdays, dates that come round."""

from __future__ import annotations

from collections.abc import Collection
from datetime import MAXYEAR, date, datetime, time, timedelta

from engine.local_time import Span, add_to_date, anniversary, local_date, local_instant

EVERY_DAY = frozenset(range(7))


def next_opening(
    now: datetime,
    *,
    opens: time,
    closes: time | None,
    weekdays: Collection[int],
    zone: str,
) -> datetime:
    """`now` inside the opening hours of an allowed weekday (Monday is 0), else when they begin.

    Without `closes` there is no inside, only the next moment after `now`. Hours that close at or
    before they open last over midnight and belong to the weekday on which they open.
    """
    today = local_date(now, zone)
    # yesterday's hours may last into today; a week from now every weekday has been
    for day in (today + timedelta(days=ahead) for ahead in range(-1, 9)):
        if day.weekday() not in weekdays:
            continue
        begins = local_instant(day, opens, zone)
        if begins > now:
            return begins
        if closes is not None and now < _end(day, opens, closes, zone):
            return now
    raise ValueError("no weekday is allowed")


def _end(day: date, opens: time, closes: time, zone: str) -> datetime:
    last_day = day if closes > opens else day + timedelta(days=1)
    return local_instant(last_day, closes, zone)


def day_of(value: date | datetime, zone: str) -> date | None:
    """The local date; None for an instant that the calendar of `zone` cannot show."""
    if not isinstance(value, datetime):
        return value
    try:
        return local_date(value, zone)
    except OverflowError:
        return None


def moment_near(day: date, offset: Span, at: time, zone: str) -> datetime | None:
    """So far before or after a date, at a local time. None for what lies outside the years 1 to
    9999, where people write 9999-12-31 for "never": it never comes.
    """
    try:
        return local_instant(add_to_date(day, offset), at, zone)
    except OverflowError:
        return None


def next_yearly(day: date, offset: Span, at: time, zone: str, now: datetime) -> datetime | None:
    """The next moment so far from a day of the year that has not passed; 29 February is kept on
    the 28th where there is none. The offset is at most a year. None when it never comes.
    """
    # an offset of a year reaches from the year before last to this one; nothing comes round before
    # the date itself
    first = max(local_date(now, zone).year - 2, day.year)
    years = range(first, min(first + 5, MAXYEAR) + 1)
    coming = (moment_near(anniversary(day, year), offset, at, zone) for year in years)
    return next((moment for moment in coming if moment is not None and moment >= now), None)
