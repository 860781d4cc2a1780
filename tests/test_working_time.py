"""Working time: adding, measuring, holidays, clocks that change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.local_time import Span, local, local_instant, parse_span
from engine.working_time import (
    CLOSED,
    NoWorkingTime,
    SpecialDays,
    WorkingCalendar,
    add_working_time,
    is_working,
    next_on_a_working_day,
    next_working_instant,
    working_time_between,
)

NINE_TO_SIX = ((540, 1080),)
_NINE = NINE_TO_SIX
OFFICE = WorkingCalendar((_NINE, _NINE, _NINE, _NINE, _NINE, CLOSED, CLOSED))
_SPLIT, _SHORT = ((540, 720), (780, 1080)), ((540, 840),)
LUNCH = WorkingCalendar((_SPLIT, _SPLIT, _SPLIT, _SPLIT, _SHORT, CLOSED, CLOSED))
ALWAYS = WorkingCalendar((((0, 1440),),) * 7)
NEVER = WorkingCalendar((CLOSED,) * 7)
NIGHTS = WorkingCalendar((((0, 360), (1320, 1440)),) * 7)
SINGAPORE, BERLIN = "Asia/Singapore", "Europe/Berlin"


def at(text: str, zone: str = SINGAPORE) -> datetime:
    """The instant at which the clock in `zone` shows this."""
    wall = datetime.fromisoformat(text)
    return local_instant(wall.date(), wall.time(), zone)


def shown(instant: datetime, zone: str = SINGAPORE) -> str:
    return f"{local(instant, zone):%a %Y-%m-%d %H:%M}"


def after(start: str, span: str, calendar: WorkingCalendar = OFFICE, zone: str = SINGAPORE) -> str:
    return shown(add_working_time(at(start, zone), parse_span(span), calendar, zone), zone)


# 2026-03-06 is a Friday.
@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        ("2026-03-06 10:00", "8h", "Fri 2026-03-06 18:00"),
        ("2026-03-06 10:00", "8h1m", "Mon 2026-03-09 09:01"),
        ("2026-03-06 10:00", "9h", "Mon 2026-03-09 10:00"),
        ("2026-03-07 12:00", "1h", "Mon 2026-03-09 10:00"),
        ("2026-03-06 10:00", "3d", "Wed 2026-03-11 10:00"),
        ("2026-03-06 20:00", "1d", "Tue 2026-03-10 09:00"),
        ("2026-03-05 08:00", "1d", "Fri 2026-03-06 09:00"),
        ("2026-03-06 10:00", "1d2h", "Mon 2026-03-09 12:00"),
        ("2026-03-06 17:00", "1d2h", "Tue 2026-03-10 10:00"),
        ("2026-03-06 10:00", "1mo", "Mon 2026-04-06 10:00"),
        ("2026-03-08 10:00", "1mo", "Thu 2026-04-09 09:00"),
    ],
)
def test_working_time_passes_over_nights_and_weekends(start: str, span: str, end: str) -> None:
    assert after(start, span) == end


def test_the_last_of_several_days_ends_with_its_work() -> None:
    assert after("2026-03-05 16:00", "1d", LUNCH) == "Fri 2026-03-06 14:00"
    assert after("2026-03-02 12:30", "1d", LUNCH) == "Tue 2026-03-03 13:00"


def test_lunch_is_no_working_time() -> None:
    assert after("2026-03-05 11:30", "1h", LUNCH) == "Thu 2026-03-05 13:30"
    assert not is_working(at("2026-03-05 12:30"), LUNCH, SINGAPORE)
    assert not is_working(at("2026-03-05 12:00"), LUNCH, SINGAPORE)
    assert is_working(at("2026-03-05 13:00"), LUNCH, SINGAPORE)


def test_holidays_are_off_and_working_weekends_are_not() -> None:
    golden_week = SpecialDays(
        off=frozenset(date(2026, 10, day) for day in range(1, 8)),
        worked=frozenset({date(2026, 10, 10)}),
    )
    china = WorkingCalendar(OFFICE.week, special_days=lambda year: golden_week)
    # Wednesday before the week; 10 October is a Saturday that is worked
    assert after("2026-09-30 17:00", "2h", china) == "Thu 2026-10-08 10:00"
    assert after("2026-10-09 17:00", "2h", china) == "Sat 2026-10-10 10:00"
    assert after("2026-10-09 17:00", "2h") == "Mon 2026-10-12 10:00"


def test_a_single_day_may_be_otherwise() -> None:
    calendar = WorkingCalendar(
        OFFICE.week,
        exceptions={date(2026, 12, 24): ((540, 720),), date(2026, 12, 26): NINE_TO_SIX},
        special_days=lambda year: SpecialDays(frozenset({date(year, 12, 25), date(year, 12, 26)})),
    )
    assert after("2026-12-24 11:00", "2h", calendar) == "Sat 2026-12-26 10:00"


def test_the_calendars_own_zone_goes_before_the_contacts() -> None:
    calendar = WorkingCalendar(OFFICE.week, zone=BERLIN)
    here = at("2026-03-06 10:00", SINGAPORE)  # 03:00 in Berlin
    assert shown(next_working_instant(here, calendar, SINGAPORE), BERLIN) == "Fri 2026-03-06 09:00"


def test_who_comes_while_somebody_works_goes_on_at_once() -> None:
    now = at("2026-03-06 10:17")
    assert next_working_instant(now, OFFICE, SINGAPORE) == now
    closing = at("2026-03-06 18:00")
    assert shown(next_working_instant(closing, OFFICE, SINGAPORE)) == "Mon 2026-03-09 09:00"


def test_a_time_of_the_next_working_day() -> None:
    found = next_on_a_working_day(at("2026-03-06 10:00"), time(9, 30), OFFICE, SINGAPORE)
    assert shown(found) == "Mon 2026-03-09 09:30"
    found = next_on_a_working_day(at("2026-03-06 09:00"), time(9, 30), OFFICE, SINGAPORE)
    assert shown(found) == "Fri 2026-03-06 09:30"


# In Berlin 2026-03-29 skips 02:00 to 03:00, and 2026-10-25 has the hour from 02:00 twice.
@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-03-30", 24)]
)
def test_a_day_around_the_clock_is_as_long_as_it_is(day: str, hours: int) -> None:
    start = at(f"{day} 00:00", BERLIN)
    end = add_working_time(start, Span(days=1), ALWAYS, BERLIN)
    assert end - start == timedelta(hours=hours)
    assert working_time_between(start, end, ALWAYS, BERLIN) == timedelta(hours=hours)


def test_a_night_shift_is_shorter_in_spring_and_longer_in_autumn() -> None:
    def night(before: str, morning: str) -> timedelta:
        start, end = at(f"{before} 22:00", BERLIN), at(f"{morning} 06:00", BERLIN)
        return working_time_between(start, end, NIGHTS, BERLIN)

    assert night("2026-03-28", "2026-03-29") == timedelta(hours=7)
    assert night("2026-10-24", "2026-10-25") == timedelta(hours=9)


def test_hours_inside_a_gap_are_left_out() -> None:
    gap = WorkingCalendar((((120, 180),),) * 7)
    found = add_working_time(at("2026-03-28 12:00", BERLIN), Span(seconds=1800), gap, BERLIN)
    assert shown(found, BERLIN) == "Mon 2026-03-30 02:30"


def test_a_calendar_in_which_nobody_works_says_so() -> None:
    with pytest.raises(NoWorkingTime):
        add_working_time(at("2026-03-06 10:00"), Span(days=1), NEVER, SINGAPORE)
    with pytest.raises(NoWorkingTime):
        next_working_instant(at("2026-03-06 10:00"), NEVER, SINGAPORE)
    with pytest.raises(NoWorkingTime):
        next_on_a_working_day(at("2026-03-06 10:00"), time(9), NEVER, SINGAPORE)


def test_working_time_goes_forward_only() -> None:
    with pytest.raises(ValueError, match="forward"):
        add_working_time(at("2026-03-06 10:00"), Span(days=-1), OFFICE, SINGAPORE)


MINUTES = st.integers(0, 1440)


def _pairs(minutes: set[int]) -> tuple[tuple[int, int], ...]:
    ordered = sorted(minutes)
    return tuple(zip(ordered[::2], ordered[1::2], strict=False))


SHIFTS = st.sets(MINUTES, max_size=6).map(_pairs)
CALENDARS = st.builds(
    lambda week, off: WorkingCalendar(
        tuple(week),
        special_days=lambda year: SpecialDays(frozenset(off)),
    ),
    st.lists(SHIFTS, min_size=7, max_size=7).filter(any),
    st.lists(st.dates(date(2026, 3, 1), date(2026, 11, 30)), max_size=5),
)
ZONES = st.sampled_from(["UTC", BERLIN, SINGAPORE, "America/New_York", "Australia/Lord_Howe"])
INSTANTS = st.integers(0, 90 * 1440).map(
    lambda minutes: datetime(2026, 2, 15, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(CALENDARS, ZONES, INSTANTS, st.integers(1, 40 * 3600))
@settings(max_examples=80, deadline=None)
def test_what_was_added_is_measured_again(
    calendar: WorkingCalendar, zone: str, start: datetime, seconds: int
) -> None:
    try:
        end = add_working_time(start, Span(seconds=seconds), calendar, zone)
    except NoWorkingTime:
        return  # the only hours of the week may lie in a gap, or be shorter than a second
    assert working_time_between(start, end, calendar, zone) == timedelta(seconds=seconds)
    # no earlier instant would have done
    before = end - timedelta(seconds=1)
    assert working_time_between(start, before, calendar, zone) < timedelta(seconds=seconds)


@given(CALENDARS, ZONES, INSTANTS, INSTANTS, INSTANTS)
@settings(max_examples=40, deadline=None)
def test_working_time_adds_up_and_knows_its_direction(
    calendar: WorkingCalendar, zone: str, one: datetime, two: datetime, three: datetime
) -> None:
    a, b, c = sorted((one, two, three))

    def between(x: datetime, y: datetime) -> timedelta:
        return working_time_between(x, y, calendar, zone)

    assert between(a, b) + between(b, c) == between(a, c)
    assert between(c, a) == -between(a, c)
    assert timedelta() <= between(a, c) <= c - a


@given(CALENDARS, ZONES, INSTANTS, st.integers(0, 20))
@settings(max_examples=40, deadline=None)
def test_so_many_working_days_lie_behind(
    calendar: WorkingCalendar, zone: str, start: datetime, days: int
) -> None:
    begun = next_working_instant(start, calendar, zone)
    end = add_working_time(start, Span(days=days), calendar, zone)
    first, last = local(begun, zone).date(), local(end, zone).date()
    between = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    # work that ends at midnight ends on the next date
    assert sum(bool(calendar.hours_on(day)) for day in between) - 1 in (days, days + 1)
    assert end >= begun
