"""Whose day has come: the decision, whom to read for it, and the next time agree."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.dates.days_off import DaysOff, Shift
from engine.dates.lunar import to_lunar
from engine.dates.occasions import (
    Dated,
    DateRule,
    Look,
    kept_on,
    next_occasion,
    start_of,
)
from engine.dates.yearly import Calendar, LeapDay
from engine.local_time import Span, local

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ZONES = ("Asia/Singapore", "Europe/Berlin", "America/New_York", "Pacific/Apia", None, "Mars")
FREE = DaysOff(
    holidays=frozenset(
        date(y, m, d)
        for y in range(2024, 2040)
        for m, d in [(1, 1), (5, 1), (10, 1), (10, 2), (10, 5)]
    )
)
RULES = st.builds(
    DateRule,
    at=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    yearly=st.booleans(),
    offset=st.builds(Span, months=st.integers(-6, 6), days=st.integers(-30, 30)),
    zone=st.sampled_from([None, "Asia/Tokyo"]),
    leap_day=st.sampled_from(list(LeapDay)),
    shift=st.sampled_from(list(Shift)),
)
ROWS = st.builds(
    Dated,
    value=st.dates(date(1950, 1, 1), date(2027, 12, 31))
    | st.datetimes(datetime(2000, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    calendar=st.sampled_from(list(Calendar)),
    zone=st.sampled_from(ZONES),
    country=st.sampled_from([None, "SG"]),
)


def off(country: str | None, year: int) -> DaysOff:
    return FREE if country == "SG" else DaysOff()


def look(rule: DateRule, since: datetime, until: datetime) -> Look:
    return Look(
        rule, since, until, "UTC", off, zones=[zone for zone in ZONES if zone and "/" in zone]
    )


def is_candidate(one: Dated, asked: Look) -> bool:
    """What the database answers, asked as `engine.services.due_dates.rows` does."""
    wanted = asked.candidates()
    if wanted is None:
        return False
    known = one.zone if one.zone in (asked.zones or ()) else None
    if (
        wanted.zones is not None
        and known not in wanted.zones
        and not (known is None and wanted.nowhere)
    ):
        return False
    days = [one.value]
    if isinstance(one.value, datetime):
        days = [one.value.date() + timedelta(days=away) for away in (-1, 0, 1)]
    if not asked.rule.yearly:
        return any(day in wanted.days for day in days)
    if one.calendar is Calendar.LUNAR:
        return any(day in wanted.lunar_births for day in days)
    return any(day.month * 100 + day.day in wanted.month_days for day in days)


@settings(max_examples=80, deadline=None)
@given(RULES, ROWS)
def test_what_comes_next_is_found_by_the_look_at_that_time_and_read_for_it(
    rule: DateRule, one: Dated
) -> None:
    coming = next_occasion(rule, one, NOON, "UTC", off)
    if coming is None:
        return
    at_that_time = look(rule, coming.due - timedelta(minutes=15), coming.due)
    assert at_that_time.due(one) == coming
    assert is_candidate(one, at_that_time)
    for beside in (timedelta(minutes=15), timedelta(minutes=-15)):
        around = look(rule, coming.due - timedelta(minutes=15) + beside, coming.due + beside)
        assert around.due(one) is None


@settings(max_examples=40, deadline=None)
@given(RULES, ROWS, st.integers(0, 700))
def test_whoever_a_look_lets_in_was_what_came_next(rule: DateRule, one: Dated, days: int) -> None:
    since = NOON + timedelta(days=days)
    found = look(rule, since, since + timedelta(days=1)).due(one)
    if found is not None:
        before = next_occasion(rule, one, found.due - timedelta(seconds=1), "UTC", off)
        assert before is not None
        assert (before.name, before.day, before.due) == (found.name, found.day, found.due)


def test_an_offset_goes_before_the_shift() -> None:
    rule = DateRule(time(9), offset=Span(days=-7), shift=Shift.BEFORE)
    # a week before Friday 8 May is the holiday of 1 May, and before that Thursday
    assert kept_on(rule, date(2026, 5, 8), "SG", off) == date(2026, 4, 30)
    assert kept_on(rule, date(2026, 5, 8), None, off) == date(2026, 5, 1)


@pytest.mark.parametrize(
    ("now", "starts"),
    [
        ("2026-03-02T09:40", "2026-03-02T09:40"),
        ("2026-03-02T15:00", "2026-03-02T15:00"),
        ("2026-03-02T19:59", "2026-03-02T19:59"),
        ("2026-03-02T20:00", "2026-03-03T09:00"),
        ("2026-03-03T04:00", "2026-03-03T09:00"),
        ("2026-03-04T08:00", "2026-03-04T09:00"),
        ("2026-03-04T09:01", None),
    ],
)
def test_who_is_late_begins_by_day_and_not_later_than_the_catch_up(
    now: str, starts: str | None
) -> None:
    rule = DateRule(time(9), catch_up=timedelta(days=2))
    due = datetime(2026, 3, 2, 9, tzinfo=UTC)
    found = start_of(rule, due, datetime.fromisoformat(f"{now}+00:00"), "UTC")
    assert found == (None if starts is None else datetime.fromisoformat(f"{starts}+00:00"))


def test_a_night_hour_is_made_up_for_at_the_same_hour_of_the_next_night() -> None:
    rule = DateRule(time(22, 30))
    due = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
    found = start_of(rule, due, due + timedelta(hours=3), "UTC")
    assert found == due + timedelta(days=1)


def test_a_lunar_day_is_kept_in_the_zone_of_the_contact() -> None:
    """The days of the lunar calendar are the same dates everywhere."""
    rule = DateRule(time(9), yearly=True)
    for zone in ("Asia/Shanghai", "America/New_York"):
        one = Dated(date(1986, 9, 18), Calendar.LUNAR, zone)
        coming = next_occasion(rule, one, NOON, "UTC", off)
        assert coming is not None
        there = local(coming.due, zone)
        assert (there.date(), there.time()) == (date(2026, 9, 25), time(9))
        assert (to_lunar(there.date()).month, to_lunar(there.date()).day) == (8, 15)


@pytest.mark.parametrize(
    ("value", "offset", "at", "zone"),
    [
        (date(9999, 12, 31), Span(days=3), time(9), "UTC"),
        (date(9999, 12, 31), Span(months=1), time(9), "UTC"),
        (date(9999, 12, 31), Span(), time(20), "America/Los_Angeles"),
        (date(1, 1, 1), Span(days=-3), time(9), "UTC"),
        (date(1, 1, 1), Span(), time(0), "Asia/Tokyo"),
        (datetime(9999, 12, 31, 23, tzinfo=UTC), Span(), time(9), "Asia/Tokyo"),
        (datetime(1, 1, 1, tzinfo=UTC), Span(), time(9), "America/New_York"),
    ],
)
@pytest.mark.parametrize("yearly", [False, True])
def test_what_lies_outside_the_calendar_never_comes(
    value: date, offset: Span, at: time, zone: str, yearly: bool
) -> None:
    """Other systems write 9999-12-31 for "never" and 0001-01-01 for "unknown"."""
    rule, row = DateRule(at, yearly=yearly, offset=offset), Dated(value, zone=zone)
    found = next_occasion(rule, row, NOON, "UTC", off)
    if found is not None:
        # a yearly day comes round all the same
        assert yearly
        assert found.due > NOON
    assert look(rule, NOON - timedelta(hours=1), NOON).due(row) is None


@pytest.mark.parametrize(
    ("now", "starts"),
    [
        ("2026-03-02T09:40", "2026-03-02T09:40"),
        ("2026-03-03T03:00", "2026-03-03T09:00"),
        ("2026-03-06T03:00", None),
    ],
)
def test_a_look_that_was_left_open_goes_on_by_the_clock(now: str, starts: str | None) -> None:
    rule = DateRule(time(9), yearly=True)
    nine = datetime(2026, 3, 2, 9, tzinfo=UTC)
    later = datetime.fromisoformat(f"{now}+00:00")
    left = Look(
        rule,
        nine - timedelta(minutes=15),
        nine + timedelta(seconds=30),
        "UTC",
        off,
        zones=["Europe/London"],
        now=later,
    )
    one = Dated(date(1990, 3, 2))
    expected = None if starts is None else datetime.fromisoformat(f"{starts}+00:00")
    found = left.due(one)
    assert (found and found.starts_at) == expected
    assert is_candidate(one, left) == (expected is not None)
    # an edit counts on the day itself alone
    edited = left.due_after_an_edit(one)
    assert (edited and edited.starts_at) == (expected if expected == later else None)
