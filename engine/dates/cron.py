"""Schedules written as five cron fields: what we accept of them, and when they fire.

croniter works out the wall clock times; which instants those are at a clock change is said by
`engine.local_time`: a skipped time fires at the first instant after the gap, a time that comes
twice fires the first time only.

Libraries and servers disagree about the rarer forms (six fields, aliases, `a-a`, `7/15`, both day
fields at once), and some of them draw numbers at random. All of those are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Final

from croniter import croniter

from engine.local_time import UnknownZone, is_zone, local, local_instant

LONGEST: Final = 200
# Leap days are eight years apart where a century is none.
FURTHEST_YEARS: Final = 9

# Wall clock times have no zone.
_LONG_BEFORE_A_LEAP_DAY: Final = datetime(2023, 3, 1)  # noqa: DTZ001

_MONTHS: Final = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
_SUNDAY: Final = "sun"
_WEEKDAYS: Final = (_SUNDAY, "mon", "tue", "wed", "thu", "fri", "sat")


class CronRefused(ValueError):
    """The text is no schedule that we keep; the message says what to write."""


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    words: tuple[str, ...] = ()

    def last_number(self, text: str) -> int:
        """Of the right side of a range: a week that is counted to its end ends with Sunday."""
        number = self.number(text)
        return 7 if text.lower() == _SUNDAY and self.words is _WEEKDAYS else number

    def number(self, text: str) -> int:
        word = text.lower()
        if word in self.words:
            return self.words.index(word) + (1 if self.name == "month" else 0)
        if re.fullmatch(r"\d{1,2}", text, re.ASCII) and self.low <= int(text) <= self.high:
            return int(text)
        raise CronRefused(f'"{text}" is no {self.name}; write {self.low} to {self.high}.')


_FIELDS: Final = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of the week", 0, 7, _WEEKDAYS),
)


@dataclass(frozen=True, slots=True)
class Cron:
    """A checked schedule: "minute hour day-of-month month day-of-week", one space between."""

    text: str

    def __str__(self) -> str:
        return self.text


def parse_cron(text: str) -> Cron:
    """Read a schedule; raises CronRefused with the first thing that is wrong with it."""
    if len(text) > LONGEST:
        raise CronRefused(f"a schedule may be {LONGEST} characters long.")
    if text.strip().startswith("@"):
        raise CronRefused(
            f'"{text.strip()[:20]}" is an alias; write five fields, such as "0 9 * * mon".'
        )
    parts = text.split()
    if len(parts) != len(_FIELDS):
        raise CronRefused(
            f"there are {len(parts)} fields; write five: minute, hour, day of the month, month, "
            'day of the week, such as "0 9 * * mon". Seconds and years are not known here.'
        )
    for part, field in zip(parts, _FIELDS, strict=True):
        _check(part, field)
    if parts[2] != "*" and parts[4] != "*":
        raise CronRefused(
            "the day of the month and the day of the week are both given, which some programs read "
            'as "and" and some as "or"; leave one of them "*".'
        )
    cron = Cron(" ".join(part.lower() for part in parts))
    if next(_wall_times(cron, _LONG_BEFORE_A_LEAP_DAY), None) is None:
        raise CronRefused(f'"{cron}" names a day that no year has.')
    return cron


def firings(cron: Cron, zone: str, after: datetime) -> Iterator[datetime]:
    """The instants, in order, at which the schedule fires later than `after`, in UTC.

    Raises UnknownZone.
    """
    if not is_zone(zone):
        raise UnknownZone(f'"{zone[:60]}" is not a time zone; write one such as "Europe/Berlin".')
    last = after
    # times that the wall clock has shown already fired when it showed them first
    for wall in _wall_times(cron, local(after, zone).replace(tzinfo=None, fold=0)):
        instant = local_instant(wall.date(), wall.time(), zone)
        # times inside a gap all become the instant after it
        if instant > last:
            last = instant
            yield instant


def next_firings(cron: Cron, zone: str, after: datetime, count: int = 5) -> tuple[datetime, ...]:
    """The next `count` instants after `after`."""
    return tuple(islice(firings(cron, zone, after), count))


@lru_cache(maxsize=1024)
def last_firing(cron: Cron, zone: str, until: datetime) -> datetime | None:
    """The last instant, not later than `until`, at which the schedule fires; None for one that has
    not for long. A page of people came in at one instant, so it is remembered.
    """
    wall = local(until, zone).replace(tzinfo=None, fold=0, microsecond=0) + timedelta(seconds=1)
    times = croniter(cron.text, wall, max_years_between_matches=FURTHEST_YEARS)
    try:
        while True:
            found: datetime = times.get_prev(datetime)
            instant = local_instant(found.date(), found.time(), zone)
            if instant <= until:
                return instant
    except ValueError:
        return None


def firings_between(cron: Cron, zone: str, after: datetime, until: datetime) -> Iterator[datetime]:
    """The instants later than `after`, up to `until`."""
    for instant in firings(cron, zone, after):
        if instant > until:
            return
        yield instant


def _wall_times(cron: Cron, after: datetime) -> Iterator[datetime]:
    times = croniter(cron.text, after, max_years_between_matches=FURTHEST_YEARS)
    try:
        while True:
            yield times.get_next(datetime)
    # croniter's own word for "not within the years it looks through"
    except ValueError:
        return


def _check(part: str, field: _Field) -> None:
    for item in part.split(","):
        body, slash, step = item.partition("/")
        if slash:
            _check_step(item, step, field)
        if body == "*":
            continue
        low, dash, high = body.partition("-")
        first = field.number(low)
        if not dash:
            if slash:
                raise CronRefused(
                    f'"{item}" is read differently by different programs; write a range before the '
                    f'step, such as "{low}-{field.high}/{step}".'
                )
            continue
        if first == field.number(high) or first >= field.last_number(high):
            raise CronRefused(
                f'"{body}" is no range of a {field.name}: the first must be smaller than the last.'
            )


def _check_step(item: str, step: str, field: _Field) -> None:
    if not re.fullmatch(r"\d{1,2}", step, re.ASCII) or not 1 <= int(step) <= field.high:
        raise CronRefused(f'"{item}" has no step; write a number from 1 to {field.high} after "/".')
