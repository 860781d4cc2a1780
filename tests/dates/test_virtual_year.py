"""A year of looks at 10,000 people in 60 zones, by the functions that the sweep uses."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from lunar_python import Solar

from engine.dates.days_off import NO_DAYS_OFF
from engine.dates.hours import Hours
from engine.dates.lunar import months_of, to_lunar
from engine.dates.occasions import Dated, DateRule, Look, Occasion
from engine.dates.yearly import Calendar
from engine.local_time import Span, local
from tests.dates.write_lunar_table import months_by_library

YEAR = 2025  # without a 29 February, and with a leap sixth month
NINE = time(9, 0)
TICK = timedelta(minutes=15)
# The Gregorian year in every zone, and the lunar one, which ends on 16 February 2026.
FIRST = datetime(2024, 12, 31, 8, tzinfo=UTC)
LAST = datetime(2026, 2, 17, 8, tzinfo=UTC)
# Every offset that is lived in, and both hemispheres' clock changes.
# fmt: off
ZONES = (
    "Pacific/Kiritimati", "Pacific/Apia", "Pacific/Tongatapu", "Pacific/Chatham",
    "Pacific/Auckland", "Pacific/Fiji", "Pacific/Norfolk", "Pacific/Noumea",
    "Australia/Lord_Howe", "Australia/Sydney", "Australia/Brisbane", "Australia/Adelaide",
    "Australia/Darwin", "Asia/Tokyo", "Asia/Seoul", "Australia/Eucla", "Asia/Shanghai",
    "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore", "Australia/Perth", "Asia/Bangkok",
    "Asia/Jakarta", "Asia/Yangon", "Asia/Dhaka", "Asia/Kathmandu", "Asia/Kolkata",
    "Asia/Karachi", "Asia/Tashkent", "Asia/Kabul", "Asia/Dubai", "Asia/Tehran", "Asia/Riyadh",
    "Europe/Moscow", "Europe/Istanbul", "Asia/Jerusalem", "Asia/Gaza", "Africa/Cairo",
    "Africa/Nairobi", "Europe/Kyiv", "Europe/Berlin", "Europe/Paris", "Africa/Lagos",
    "Africa/Casablanca", "Europe/London", "Europe/Lisbon", "UTC", "Atlantic/Azores",
    "Atlantic/Cape_Verde", "America/Sao_Paulo", "America/Argentina/Buenos_Aires",
    "America/St_Johns", "America/Halifax", "America/Santiago", "America/New_York",
    "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Anchorage",
    "Pacific/Honolulu", "Pacific/Marquesas", "Pacific/Pago_Pago",
)
# fmt: on
# The days in 2025 on which an hour is skipped and comes twice.
CHANGES = {
    "Europe/Berlin": (date(2025, 3, 30), date(2025, 10, 26)),
    "America/New_York": (date(2025, 3, 9), date(2025, 11, 2)),
    "Australia/Sydney": (date(2025, 10, 5), date(2025, 4, 6)),
    "Africa/Cairo": (date(2025, 4, 25), date(2025, 10, 31)),
}


@dataclass(frozen=True)
class Person:
    number: int
    born: date
    calendar: Calendar
    zone: str

    @property
    def dated(self) -> Dated:
        return Dated(self.born, self.calendar, self.zone)


@dataclass
class People:
    """What the database answers: people by the day of the year, and by birth date."""

    everybody: list[Person]
    by_day: dict[int, list[Person]] = field(default_factory=lambda: defaultdict(list))
    by_birth: dict[date, list[Person]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for one in self.everybody:
            if one.calendar is Calendar.LUNAR:
                self.by_birth[one.born].append(one)
            else:
                self.by_day[one.born.month * 100 + one.born.day].append(one)

    def look(self, look: Look) -> Iterator[tuple[Person, Occasion]]:
        wanted = look.candidates()
        if wanted is None:
            return
        found = [one for day in wanted.month_days for one in self.by_day.get(day, ())]
        found += [one for day in wanted.lunar_births for one in self.by_birth.get(day, ())]
        for one in found:
            if one.zone in (wanted.zones or ()) and (occasion := look.due(one.dated)):
                yield one, occasion


def population() -> list[Person]:
    """7,000 by the sun and 3,000 by the moon, rare days and clock changes among them."""
    rnd = random.Random(4)
    leap_month = [
        month for year in (1990, 1995, 2001, 2006) for month in months_of(year) if month.leap
    ]
    thirtieth = [
        month for year in range(1960, 2000) for month in months_of(year) if month.days == 30
    ]
    changes = [(zone, day.replace(year=1980)) for zone, days in CHANGES.items() for day in days]
    people = []
    for number in range(10_000):
        zone, born = rnd.choice(ZONES), date(1940, 1, 1) + timedelta(days=rnd.randrange(25_000))
        calendar = Calendar.LUNAR if number % 10 < 3 else Calendar.GREGORIAN
        if number % 50 == 3:
            born = date(rnd.choice([1960, 1984, 2000]), 2, 29)
        elif number % 50 == 4:
            zone, born = rnd.choice(changes)
        elif number % 50 == 1:
            month = rnd.choice(leap_month)
            born = month.first + timedelta(days=rnd.randrange(month.days))
        elif number % 50 == 2:
            born = rnd.choice(thirtieth).first + timedelta(days=29)
        people.append(Person(number, born, calendar, zone))
    return people


def year_of_looks(rule: DateRule, people: People) -> dict[int, list[Occasion]]:
    fired: dict[int, list[Occasion]] = defaultdict(list)
    since, hours = FIRST, Hours(rule.at)
    while since < LAST:
        look = Look(rule, since, since + TICK, "UTC", lambda *_: NO_DAYS_OFF, ZONES, hours)
        for one, occasion in people.look(look):
            fired[one.number].append(occasion)
        since += TICK
    return fired


def test_in_a_virtual_year_every_birthday_is_kept_once_on_the_right_local_morning() -> None:
    people = People(population())
    fired = year_of_looks(DateRule(NINE, yearly=True), people)
    assert len(ZONES) >= 60
    for one in people.everybody:
        this_year = [o for o in fired[one.number] if o.name == str(YEAR)]
        assert len(this_year) == 1, (one, fired[one.number])
        occasion = this_year[0]
        assert occasion.day == kept_in(one)
        begins = local(occasion.starts_at, one.zone)
        # nine o'clock exists on every day of the year in every zone
        assert (begins.date(), begins.time()) == (occasion.day, NINE)
        assert occasion.due == occasion.starts_at
        # an occasion of another year, at the ends of this stretch, is kept on its own day
        assert len({o.name for o in fired[one.number]}) == len(fired[one.number])


@cache
def months(year: int) -> dict[int, tuple[date, int]]:
    """First day and length of each ordinary month, by lunar-python."""
    found = {}
    for month in months_by_library(year):
        if not month.isLeap():
            first = Solar.fromJulianDay(month.getFirstJulianDay())
            day = date(first.getYear(), first.getMonth(), first.getDay())
            found[month.getMonth()] = (day, month.getDayCount())
    return found


def kept_in(one: Person) -> date:
    """What the documentation promises, worked out another way."""
    if one.calendar is Calendar.GREGORIAN:
        is_leap_day = (one.born.month, one.born.day) == (2, 29)
        return date(YEAR, 2, 28) if is_leap_day else one.born.replace(year=YEAR)
    lunar = to_lunar(one.born)
    first, length = months(YEAR)[lunar.month]
    return first + timedelta(days=min(lunar.day, length) - 1)


def test_a_night_hour_that_is_skipped_or_comes_twice_is_kept_once() -> None:
    """Half past two on the days of a clock change, a week before the day."""
    for zone, days in CHANGES.items():
        for day in days:
            born = (day + timedelta(days=7)).replace(year=1980)
            one = Person(1, born, Calendar.GREGORIAN, zone)
            for at in (time(0, 30), time(1, 30), time(2, 30)):
                rule = DateRule(at, yearly=True, offset=Span(days=-7))
                found = list(around(rule, one, day))
                assert [o.day for o in found] == [day], (zone, day, at)
                begins = local(found[0].due, zone)
                assert begins.replace(tzinfo=None) >= datetime.combine(day, at)
                assert begins.time().hour - at.hour in (0, 1)
                assert begins.fold == 0


def around(rule: DateRule, one: Person, day: date) -> Iterator[Occasion]:
    since = datetime.combine(day, time(), UTC) - timedelta(days=1)
    for _ in range(4 * 72):
        look = Look(rule, since, since + TICK, "UTC", lambda *_: NO_DAYS_OFF, zones=[one.zone])
        if found := look.due(one.dated):
            yield found
        since += TICK
