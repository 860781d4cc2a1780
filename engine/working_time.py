"""Working time: when work goes on, how much of it lies between two instants, and when so much of it
is over.

Pure arithmetic over weekly hours, public holidays and single days that are otherwise. Holidays come
as plain days: where they come from is not this module's business. Working time is real time: the
night in which a clock changes makes a shift an hour shorter or longer.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import MAXYEAR, date, datetime, time, timedelta
from typing import Final, TypeAlias

from engine.local_time import (
    Span,
    add_to_date,
    local,
    local_date,
    local_instant,
    start_of_day,
)
from engine.timetable import Timetable

# From when until when, in minutes since midnight on the wall clock; 1440 is the end of the day.
Hours: TypeAlias = tuple[tuple[int, int], ...]
CLOSED: Final[Hours] = ()
END_OF_DAY: Final = 1440
# Ten years of holidays in a row are a mistake in a calendar, and no reason to look for ever.
_FURTHEST_DAYS: Final = 3660
_FURTHEST_YEARS: Final = 10
# A year takes some 130 kB; a calendar without a zone is asked for the zone of every contact.
_MOST_TIMETABLES: Final = 192
_A_DAY: Final = timedelta(days=1)


class NoWorkingTime(ValueError):
    """Nobody works in this calendar within ten years."""


@dataclass(frozen=True, slots=True)
class SpecialDays:
    """Days of a year that differ from the week: `off` are public holidays; `worked` are days that
    are worked like a weekday although the week says otherwise, such as the 调休 Saturdays of China.
    """

    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()


ORDINARY: Final = SpecialDays()


def no_holidays(year: int) -> SpecialDays:  # noqa: ARG001 - it answers the same for every year
    return ORDINARY


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """`week` are the hours of Monday to Sunday; `exceptions` are single days and go before
    everything. `special_days` answers by year, and the same each time. `zone` None means: where the
    contact lives.
    """

    week: tuple[Hours, Hours, Hours, Hours, Hours, Hours, Hours]
    exceptions: Mapping[date, Hours] = field(default_factory=dict)
    special_days: Callable[[int], SpecialDays] = no_holidays
    zone: str | None = None
    # by zone and local year, as they are asked for
    _timetables: dict[tuple[str, int], Timetable] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def hours_on(self, day: date) -> Hours:
        """The hours of a local day, in order; none on a day off."""
        exception = self.exceptions.get(day)
        if exception is not None:
            return exception
        special = self.special_days(day.year)
        usual = self.week[day.weekday()]
        if day in special.worked:
            return usual or next((hours for hours in self.week if hours), CLOSED)
        return CLOSED if day in special.off else usual

    def zone_for(self, zone: str) -> str:
        """The zone in which the hours are meant, for somebody who lives in `zone`."""
        return self.zone or zone

    def timetable(self, year: int, zone: str) -> Timetable:
        """The intervals of a local year in `zone`, kept for whoever asks next."""
        found = self._timetables.get((zone, year))
        if found is None:
            days = (date(year, 1, 1) + timedelta(days=n) for n in range(_days_of(year)))
            found = Timetable.of(shift for day in days for shift in shifts_on(self, day, zone))
            if len(self._timetables) >= _MOST_TIMETABLES:
                self._timetables.clear()
            self._timetables[zone, year] = found
        return found


def shifts_on(calendar: WorkingCalendar, day: date, zone: str) -> list[tuple[datetime, datetime]]:
    """The working intervals of a local day as instants, in order.

    A bound inside a skipped hour is the end of the gap, one inside an hour that comes twice is the
    first of the two; an interval that a clock change leaves nothing of is left out.
    """
    found = []
    for begins, ends in calendar.hours_on(day):
        start, end = _instant(day, begins, zone), _instant(day, ends, zone)
        if start < end:
            found.append((start, end))
    return found


def is_working(at: datetime, calendar: WorkingCalendar, zone: str) -> bool:
    """Whether somebody works at this instant; the end of an interval is not part of it."""
    where = calendar.zone_for(zone)
    return any(
        start <= at < end for start, end in shifts_on(calendar, local_date(at, where), where)
    )


def next_working_instant(at: datetime, calendar: WorkingCalendar, zone: str) -> datetime:
    """`at` itself while somebody works, else when work begins next. Raises NoWorkingTime."""
    for table in _timetables_from(at, calendar, zone):
        found = table.next_instant(at)
        if found is not None:
            return found
    raise _nobody_works()


def add_working_time(at: datetime, span: Span, calendar: WorkingCalendar, zone: str) -> datetime:
    """The first instant by which so much working time has passed since `at`.

    Hours, minutes and seconds count while somebody works. A day is a working day: three of them
    from Friday 10:00 end on Wednesday 10:00, and not later than work ends on that day. Months are
    calendar months. Before the first of it, time that nobody works is passed over. `span` is not
    negative; raises NoWorkingTime.
    """
    if min(span.months, span.days, span.seconds) < 0:
        raise ValueError("working time is counted forward only")
    reached = next_working_instant(at, calendar, zone)
    if span.months:
        reached = _after_months(reached, span.months, calendar, zone)
    if span.days:
        reached = _after_days(reached, span.days, calendar, zone)
    return after_working_time(reached, timedelta(seconds=span.seconds), calendar, zone)


def after_working_time(
    at: datetime, length: timedelta, calendar: WorkingCalendar, zone: str
) -> datetime:
    """The first instant by which so much working time has passed since `at`, to the microsecond;
    `at` itself for nothing. `length` is not negative; raises NoWorkingTime."""
    if length < timedelta():
        raise ValueError("working time is counted forward only")
    if not length:
        return at
    left: timedelta | None = None
    for table in _timetables_from(at, calendar, zone):
        left = length + table.until(at) if left is None else left
        if left <= table.total:
            return table.reached(left)
        left -= table.total
    raise _nobody_works()


def working_time_between(
    earlier: datetime, later: datetime, calendar: WorkingCalendar, zone: str
) -> timedelta:
    """How much working time lies between; negative when the first instant is the later one."""
    if later < earlier:
        return -working_time_between(later, earlier, calendar, zone)
    where = calendar.zone_for(zone)
    first, last = local_date(earlier, where).year, local_date(later, where).year
    whole = sum((calendar.timetable(year, where).total for year in range(first, last)), timedelta())
    before = calendar.timetable(first, where).until(earlier)
    return whole + calendar.timetable(last, where).until(later) - before


def next_on_a_working_day(
    at: datetime, clock: time, calendar: WorkingCalendar, zone: str
) -> datetime:
    """The next time after `at` at which the wall clock shows `clock` on a day that is worked."""
    where = calendar.zone_for(zone)
    for day in _days_from(local_date(at, where)):
        if calendar.hours_on(day) and (moment := local_instant(day, clock, where)) > at:
            return moment
    raise _nobody_works()


def _after_months(at: datetime, months: int, calendar: WorkingCalendar, zone: str) -> datetime:
    where = calendar.zone_for(zone)
    shown = local(at, where)
    day = add_to_date(shown.date(), Span(months=months))
    return next_working_instant(local_instant(day, shown.time(), where), calendar, zone)


def _after_days(at: datetime, days: int, calendar: WorkingCalendar, zone: str) -> datetime:
    where = calendar.zone_for(zone)
    shown = local(at, where)
    ahead = (day for day in _days_from(shown.date() + _A_DAY) if shifts_on(calendar, day, where))
    for _ in range(days - 1):
        next(ahead, None)
    day = next(ahead, None)
    if day is None:
        raise _nobody_works()
    moment = local_instant(day, shown.time(), where)
    for start, end in shifts_on(calendar, day, where):
        if moment < end:
            return max(moment, start)
    return end


def _timetables_from(at: datetime, calendar: WorkingCalendar, zone: str) -> Iterator[Timetable]:
    """Of the year of `at` and those behind it; they end when nobody has worked for ten years."""
    where, idle = calendar.zone_for(zone), 0
    for year in range(local_date(at, where).year, MAXYEAR):
        table = calendar.timetable(year, where)
        yield table
        idle = 0 if table.starts else idle + 1
        if idle > _FURTHEST_YEARS:
            return


def _days_of(year: int) -> int:
    return 366 if isleap(year) else 365


def _days_from(day: date) -> Iterator[date]:
    return (day + timedelta(days=ahead) for ahead in range(_FURTHEST_DAYS))


def _instant(day: date, minutes: int, zone: str) -> datetime:
    if minutes == END_OF_DAY:
        return start_of_day(day + _A_DAY, zone)
    return local_instant(day, time(*divmod(minutes, 60)), zone)


def _nobody_works() -> NoWorkingTime:
    return NoWorkingTime("nobody works in this calendar within ten years; mend its hours")
