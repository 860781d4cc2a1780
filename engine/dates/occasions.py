"""Who is due in a stretch of time: what a look of the date trigger asks of every row.

A look is at everything that fell due after `since`, up to `until`. Whom to read is narrowed by
`candidates`, which may name too many and never too few; `due` decides for one row. Nothing here
knows a database, so that a year of looks can be played in seconds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from engine.dates.days_off import FURTHEST_DAYS, DaysOffOf, Shift, shifted, shifted_onto
from engine.dates.hours import Hours
from engine.dates.yearly import (
    Calendar,
    LeapDay,
    births_kept_on,
    in_year,
    lunar_births_as_dates,
    returning_on,
)
from engine.local_moments import EVERY_DAY, day_of, moment_near, next_opening
from engine.local_time import Span, add_to_date, is_zone, local_date, local_instant, zone_names

NO_OFFSET: Final = Span()
# A look runs every few minutes; what is found within the hour is not late.
ON_TIME: Final = timedelta(hours=1)
# Who is late begins by day: from the trigger's own time of day until the evening.
LATE_UNTIL: Final = time(20, 0)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DateRule:
    """A date trigger, read. `zone` and `country` None: those of the contact. `offset` has no
    seconds.
    """

    at: time
    yearly: bool = False
    offset: Span = NO_OFFSET
    zone: str | None = None
    leap_day: LeapDay = LeapDay.FEB_28
    shift: Shift = Shift.NONE
    country: str | None = None
    catch_up: timedelta = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Dated:
    """What is known of one row: its date, how it counts years, where its contact lives."""

    value: date | datetime
    calendar: Calendar = Calendar.GREGORIAN
    zone: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Occasion:
    """`name` is the same however often it is asked: the year of the calendar, or the date itself.

    `day` is the local day on which it is kept, `due` the instant, `starts_at` when to begin: later
    than now for somebody who is late at night.
    """

    name: str
    day: date
    due: datetime
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Candidates:
    """Whom to read: rows whose date is one of `days`, or that return on them.

    `month_days` are month * 100 + day; `lunar_births` the birth dates whose lunar day is kept.
    `zones` are the zones in which the hour has come, None for all; `nowhere` says whether that of
    contacts without a known zone is among them.
    """

    days: tuple[date, ...]
    month_days: tuple[int, ...] = ()
    lunar_births: tuple[date, ...] = ()
    zones: tuple[str, ...] | None = None
    nowhere: bool = True


@dataclass(slots=True)
class Look:
    """One look at a rule's rows; it remembers what it worked out for a zone or a country."""

    rule: DateRule
    since: datetime
    until: datetime
    default_zone: str
    days_off: DaysOffOf
    # Those that contacts may live in; all when None.
    zones: Collection[str] | None = None
    # Those of `rule.at`, handed from look to look.
    hours: Hours = field(default_factory=lambda: Hours(time(0)))
    # Later than `until` when the look was left open for a while; the same when None.
    now: datetime | None = None
    _by_zone: dict[str, tuple[tuple[date, datetime], ...]] = field(default_factory=dict)
    _by_day: dict[tuple[date, str | None], tuple[date, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # what lies further back than the catch-up is never done
        if self.hours.at != self.rule.at:
            self.hours = Hours(self.rule.at)
        furthest = self._now - max(self.rule.catch_up, ON_TIME)
        self.since = max(self.since, furthest)

    def candidates(self) -> Candidates | None:
        """Whom to read; None when the hour comes nowhere in this look."""
        rule, zones = self.rule, None
        if rule.zone is None:
            known = zone_names() if self.zones is None else self.zones
            zones = self.hours.zones_between(known, self.since, self.until)
        where = [rule.zone] if rule.zone is not None else [*(zones or ()), self.default_zone]
        targets = {day for zone in where for day, _ in self._due_days(zone)}
        if not targets:
            return None
        days = sorted({base for day in targets for base in self._any_base(day)})
        nowhere = bool(self._due_days(self.default_zone))
        if not rule.yearly:
            return Candidates(tuple(days), zones=zones, nowhere=nowhere)
        kept = [births_kept_on(day, Calendar.GREGORIAN, rule.leap_day) for day in days]
        month_days = sorted({month * 100 + day for month, day in frozenset().union(*kept)})
        births = sorted({born for day in days for born in lunar_births_as_dates(day)})
        return Candidates(tuple(days), tuple(month_days), tuple(births), zones, nowhere)

    def due(self, one: Dated) -> Occasion | None:
        """The occasion of a row that falls due in this look."""
        zone = self._zone(one)
        for day, instant in self._due_days(zone):
            if (found := self._occasion(one, zone, day, instant)) is not None:
                return found
        return None

    def due_after_an_edit(self, one: Dated) -> Occasion | None:
        """The same for a row that was written since the last look: its hour may have passed before,
        as long as it is still that day, and not yet evening."""
        zone = self._zone(one)
        today = local_date(self._now, zone)
        instant = local_instant(today, self.rule.at, zone)
        if instant > self.until:
            return None
        found = self._occasion(one, zone, today, instant)
        if found is None or local_date(found.starts_at, zone) != today:
            return None
        return found

    @property
    def _now(self) -> datetime:
        return self.now or self.until

    def _zone(self, one: Dated) -> str:
        zone = self.rule.zone or one.zone
        return zone if zone and is_zone(zone) else self.default_zone

    def _due_days(self, zone: str) -> tuple[tuple[date, datetime], ...]:
        """The local days whose hour comes in this look, each with its instant."""
        known = self._by_zone.get(zone)
        if known is None:
            known = self._by_zone[zone] = self.hours.between(zone, self.since, self.until)
        return known

    def _occasion(self, one: Dated, zone: str, day: date, due: datetime) -> Occasion | None:
        born = day_of(one.value, zone)
        if born is None:
            return None
        country = self.rule.country or one.country
        for base in self._bases(day, country):
            name = self._name(born, base, one.calendar)
            if name is None:
                continue
            starts_at = start_of(self.rule, due, self._now, zone)
            return None if starts_at is None else Occasion(name, day, due, starts_at)
        return None

    def _name(self, born: date, base: date, calendar: Calendar) -> str | None:
        if not self.rule.yearly:
            return base.isoformat() if born == base else None
        found = returning_on(base, born, calendar, self.rule.leap_day)
        return None if found is None else str(found.year)

    def _bases(self, day: date, country: str | None) -> tuple[date, ...]:
        """The dates that are kept on this day in a country."""
        if self.rule.shift is Shift.NONE:
            country = None
        known = self._by_day.get((day, country))
        if known is None:
            off = self.days_off(country, day.year)
            moved = shifted_onto(day, self.rule.shift, off)
            found = {base for one in moved for base in before_offset(one, self.rule.offset)}
            known = self._by_day[day, country] = tuple(sorted(found))
        return known

    def _any_base(self, day: date) -> Iterator[date]:
        """The dates that may be kept on this day, whatever the country."""
        back = {Shift.NONE: 0, Shift.BEFORE: 1, Shift.AFTER: -1}[self.rule.shift]
        for away in range(FURTHEST_DAYS + 1 if back else 1):
            yield from before_offset(day + _DAY * (back * away), self.rule.offset)


def kept_on(rule: DateRule, base: date, country: str | None, days_off: DaysOffOf) -> date:
    """The day on which a date of this rule is kept: its offset, then away from days off."""
    day = add_to_date(base, rule.offset)
    return shifted(day, rule.shift, days_off(rule.country or country, day.year))


def start_of(rule: DateRule, due: datetime, now: datetime, zone: str) -> datetime | None:
    """When somebody begins who was due and is found now; None when it is too late.

    Who is late waits for the next hour between the rule's own time and the evening, so that an
    outage of the night does not end in mail at three in the morning.
    """
    if now - due <= ON_TIME:
        return max(due, now)
    closes = LATE_UNTIL if rule.at < LATE_UNTIL else None
    moment = next_opening(now, opens=rule.at, closes=closes, weekdays=EVERY_DAY, zone=zone)
    return moment if moment - due <= rule.catch_up else None


def before_offset(day: date, offset: Span) -> tuple[date, ...]:
    """The dates that the offset brings to `day`; several at the end of a short month, or none."""
    if not offset.months:
        return (day - timedelta(days=offset.days),)
    about = add_to_date(day - timedelta(days=offset.days), Span(months=-offset.months))
    near = (about + _DAY * away for away in range(-4, 5))
    return tuple(one for one in near if add_to_date(one, offset) == day)


def next_occasion(
    rule: DateRule, one: Dated, now: datetime, default_zone: str, days_off: DaysOffOf
) -> Occasion | None:
    """The next time this row falls due after `now`; None when it never does again."""
    zone = rule.zone or one.zone
    zone = zone if zone and is_zone(zone) else default_zone
    born = day_of(one.value, zone)
    if born is None:
        return None
    found = []
    for name, base in _comings(rule, born, one.calendar, local_date(now, zone)):
        try:
            day = kept_on(rule, base, one.country, days_off)
            instant = local_instant(day, rule.at, zone)
        except OverflowError:
            # what lies outside the years 1 to 9999 never comes
            continue
        if instant > now:
            found.append(Occasion(name, day, instant, instant))
    return min(found, key=lambda occasion: occasion.due, default=None)


def _comings(
    rule: DateRule, born: date, calendar: Calendar, today: date
) -> Iterator[tuple[str, date]]:
    if not rule.yearly:
        yield born.isoformat(), born
        return
    # an offset is at most a year, and eight years may lie between two leap days
    for year in range(today.year - 2, today.year + 10):
        base = in_year(born, year, calendar, rule.leap_day)
        if base is not None:
            yield str(year), base


def next_lunar(day: date, offset: Span, at: time, zone: str, now: datetime) -> datetime | None:
    """Like `local_moments.next_yearly`, by the lunar calendar; None beyond its table."""
    rule = DateRule(at, yearly=True, offset=offset)
    comings = _comings(rule, day, Calendar.LUNAR, local_date(now, zone))
    near = (moment_near(base, offset, at, zone) for _, base in comings)
    return next((moment for moment in near if moment is not None and moment >= now), None)
