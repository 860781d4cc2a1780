"""Calendar arithmetic: what a clock on the wall shows, and when.

This is the one module of ours that opens time zones. It takes and gives instants as aware UTC
datetimes and zones as names ("Asia/Singapore"), so that nothing else holds a zone object.

Two things happen to wall clocks. In spring an hour is skipped: a time inside the gap becomes the
first instant after it. In autumn an hour comes twice: a time inside it means the first of the two.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

Unit = Literal["day", "week", "month", "quarter", "year"]

# A promise reaches decades ahead (a passport, a mortgage), not centuries; the limit keeps every sum
# inside what datetime can hold.
LONGEST_SPAN_DAYS = 200 * 366

_ISO = re.compile(
    r"(?P<sign>[+-]?)P(?=\d|T\d)(?:(?P<years>\d{1,7})Y)?(?:(?P<months>\d{1,7})M)?(?:(?P<weeks>\d{1,7})W)?"
    r"(?:(?P<days>\d{1,7})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,11})S)?)?",
    re.ASCII,
)
_SHORT = re.compile(
    r"(?P<sign>[+-]?)(?=\d)(?:(?P<years>\d{1,7})y)?(?:(?P<months>\d{1,7})mo)?(?:(?P<weeks>\d{1,7})w)?"
    r"(?:(?P<days>\d{1,7})d)?(?:(?P<hours>\d{1,9})h)?(?:(?P<minutes>\d{1,9})m)?(?:(?P<seconds>\d{1,11})s)?",
    re.ASCII,
)


class SpanRefused(ValueError):
    """The text is not a length of time, or is longer than any promise we keep."""


class UnknownZone(ValueError):
    """No time zone has this name."""


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: calendar months and days on the wall clock, then seconds that always last a
    second.

    "1d" across a clock change keeps the local hour and lasts 23 or 25 hours; "24h" lasts 24 hours.
    """

    months: int = 0
    days: int = 0
    seconds: int = 0

    def __neg__(self) -> Span:
        return Span(-self.months, -self.days, -self.seconds)

    def __bool__(self) -> bool:
        return bool(self.months or self.days or self.seconds)

    @property
    def is_absolute(self) -> bool:
        """True when the zone makes no difference."""
        return not (self.months or self.days)

    def __str__(self) -> str:
        return format_span(self)


def parse_span(text: str) -> Span:
    """Read "P3D", "PT90M", "P1M", "-P3D" or the short "3d", "90m", "2w", "1mo", "1d12h"; raises
    SpanRefused.
    """
    match = _ISO.fullmatch(text) or _SHORT.fullmatch(text)
    if match is None:
        raise SpanRefused(
            f'"{text[:40]}" is not a length of time; '
            'write a duration such as "3d", "90m", "2w", "1mo" or "P3D".'
        )
    part = {name: int(digits or 0) for name, digits in match.groupdict().items() if name != "sign"}
    span = Span(
        months=part["years"] * 12 + part["months"],
        days=part["weeks"] * 7 + part["days"],
        seconds=part["hours"] * 3600 + part["minutes"] * 60 + part["seconds"],
    )
    if span.months * 31 + span.days + span.seconds / 86_400 > LONGEST_SPAN_DAYS:
        raise SpanRefused(f'"{text[:40]}" is too long; the longest length of time is 200 years.')
    return -span if match["sign"] == "-" else span


def format_span(span: Span) -> str:
    """The ISO 8601 text that `parse_span` reads back; a span of mixed signs has none and raises
    SpanRefused.
    """
    sizes = (span.months, span.days, span.seconds)
    if min(sizes) < 0 < max(sizes):
        raise SpanRefused(f"{span!r} goes both forwards and backwards and cannot be written down.")
    months, days, seconds = (abs(size) for size in sizes)
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    day_part = _spell((months // 12, "Y"), (months % 12, "M"), (days, "D"))
    time_part = _spell((hours, "H"), (minutes, "M"), (seconds, "S"))
    body = day_part + (f"T{time_part}" if time_part else "")
    return ("-" if min(sizes) < 0 else "") + "P" + (body or "T0S")


def _spell(*parts: tuple[int, str]) -> str:
    return "".join(f"{size}{letter}" for size, letter in parts if size)


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    # zoneinfo answers a bad name with any of these, depending on whether it looks like a path
    except (KeyError, ValueError, OSError) as error:
        raise UnknownZone(
            f'"{name[:60]}" is not a time zone; write a name such as "Europe/Berlin".'
        ) from error


def is_zone(name: str) -> bool:
    """Whether a time zone of this name exists."""
    try:
        _zone(name)
    except UnknownZone:
        return False
    return True


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """The names of all time zones this machine knows."""
    return frozenset(available_timezones())


def local(instant: datetime, zone: str) -> datetime:
    """The same instant as the wall clock in `zone` shows it."""
    return instant.astimezone(_zone(zone))


def local_date(instant: datetime, zone: str) -> date:
    """The date on the calendar in `zone` at this instant."""
    return local(instant, zone).date()


def local_instant(day: date, at: time, zone: str) -> datetime:
    """The instant at which the wall clock in `zone` shows this date and time.

    A time skipped in spring gives the first instant after the gap, a time shown twice in autumn
    gives the first.
    """
    where = _zone(zone)
    wall = datetime.combine(day, at.replace(fold=0) if at.fold else at, where)
    instant = wall.astimezone(UTC)
    # in one zone the hands are compared, not the instants
    if instant.astimezone(where) == wall:
        return instant
    return _end_of_gap(wall.replace(tzinfo=None), instant, where)


def _end_of_gap(wall: datetime, after: datetime, where: ZoneInfo) -> datetime:
    """The instant of the change that skips `wall`, to the second; `after` lies behind it."""
    offset_after = after.astimezone(where).utcoffset()
    low = wall.replace(tzinfo=where, fold=1).astimezone(UTC).replace(microsecond=0)
    high = after.replace(microsecond=0)
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle.astimezone(where).utcoffset() == offset_after:
            high = middle
        else:
            low = middle
    return high


def add_span(instant: datetime, span: Span, zone: str) -> datetime:
    """Move an instant by months and days on the wall clock of `zone`, then by seconds.

    31 January plus a month is the last day of February.
    """
    if span.is_absolute:
        return instant + timedelta(seconds=span.seconds)
    wall = local(instant, zone)
    if not span.months:
        there = instant + timedelta(days=span.days)
        shown = local(there, zone)
        # unless the clock was changed in between, or shows this hour twice, it shows the same
        if not shown.fold and shown.utcoffset() == wall.utcoffset():
            return there + timedelta(seconds=span.seconds) if span.seconds else there
    there = local_instant(add_to_date(wall.date(), span), wall.time(), zone)
    return there + timedelta(seconds=span.seconds) if span.seconds else there


def add_to_date(day: date, span: Span) -> date:
    """Move a date by the months of `span`, cut to the end of a shorter month, then by days. Raises
    OverflowError where there are no dates any more.
    """
    if not span.months:
        return day + timedelta(days=span.days)
    month_index = day.year * 12 + day.month - 1 + span.months
    year, month = month_index // 12, month_index % 12 + 1
    if not MINYEAR <= year <= MAXYEAR:
        raise OverflowError(f"there is no date in the year {year}")
    last = calendar.monthrange(year, month)[1]
    return date(year, month, min(day.day, last)) + timedelta(days=span.days)


def start_of_day(day: date, zone: str) -> datetime:
    """The first instant of a local date; where midnight is skipped, the first instant after it."""
    return local_instant(day, time.min, zone)


def first_day(day: date, unit: Unit) -> date:
    """The first date of the day, week (Monday), month, quarter or year around `day`."""
    match unit:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case "year":
            return day.replace(month=1, day=1)


def start_of(unit: Unit, instant: datetime, zone: str) -> datetime:
    """The first instant of the local day, week (from Monday), month, quarter or year."""
    return start_of_day(first_day(local_date(instant, zone), unit), zone)


@lru_cache(maxsize=1024)
def days_of_the_year(first: date, last: date) -> tuple[tuple[int, int], ...]:
    """Where dates lie in the year that come round on a day from `first` to `last`, as ranges of
    month * 100 + day with both ends.

    The two are at most a year apart. 29 February belongs to the 28th of a year that has no 29th.
    """
    if last - first >= timedelta(days=365):
        return ((101, 1231),)
    low, high = first.month * 100 + first.day, last.month * 100 + last.day
    if high == 228 and not calendar.isleap(last.year):
        high = 229
    return ((low, high),) if first.year == last.year else ((low, 1231), (101, high))


def anniversary(day: date, year: int) -> date:
    """The date on which `day` returns in `year`; 29 February is kept on the 28th where there is
    none.
    """
    if (day.month, day.day) == (2, 29) and not calendar.isleap(year):
        return date(year, 2, 28)
    return day.replace(year=year)
