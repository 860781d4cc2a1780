"""Opening hours and dates that come round, on wall clocks that jump."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.local_moments import EVERY_DAY, moment_near, next_opening, next_yearly
from engine.local_time import Span, local

FRIDAY = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)  # 09:00 in Singapore
ZONES = ("UTC", "Asia/Singapore", "Europe/Berlin", "America/St_Johns", "Pacific/Apia")


def opening(
    now: datetime,
    opens: str,
    closes: str | None = None,
    weekdays: frozenset[int] = EVERY_DAY,
    zone: str = "Asia/Singapore",
) -> datetime:
    return next_opening(
        now,
        opens=time.fromisoformat(opens),
        closes=None if closes is None else time.fromisoformat(closes),
        weekdays=weekdays,
        zone=zone,
    )


def test_a_moment_is_always_ahead() -> None:
    assert opening(FRIDAY, "09:00") == FRIDAY + timedelta(days=1)
    assert opening(FRIDAY, "09:01") == FRIDAY + timedelta(minutes=1)


def test_inside_the_hours_it_is_now() -> None:
    assert opening(FRIDAY, "09:00", "18:00") == FRIDAY
    assert opening(FRIDAY, "08:00", "09:00") == FRIDAY + timedelta(hours=23)


def test_only_on_the_weekdays() -> None:
    monday = frozenset({0})
    assert opening(FRIDAY, "10:00", weekdays=monday) == FRIDAY + timedelta(days=3, hours=1)
    assert opening(FRIDAY, "08:00", "18:00", weekdays=monday) == FRIDAY + timedelta(
        days=2, hours=23
    )


def test_hours_over_midnight_belong_to_the_day_they_open() -> None:
    one_at_night = datetime(2026, 3, 6, 17, 0, tzinfo=UTC)  # Saturday 01:00
    assert opening(one_at_night, "22:00", "06:00", frozenset({4})) == one_at_night
    saturday_evening = datetime(2026, 3, 7, 14, 0, tzinfo=UTC)
    assert opening(one_at_night, "22:00", "06:00", frozenset({5})) == saturday_evening


def test_a_time_that_is_skipped_is_the_first_after_the_gap() -> None:
    before = datetime(2026, 3, 29, 0, 0, tzinfo=UTC)  # 01:00 in Berlin, at 02:00 it is 03:00
    assert opening(before, "02:30", zone="Europe/Berlin") == before + timedelta(hours=1)


def test_a_time_that_comes_twice_is_the_first_of_the_two() -> None:
    before = datetime(2026, 10, 24, 23, 0, tzinfo=UTC)  # 01:00 in Berlin
    first = opening(before, "02:30", zone="Europe/Berlin")
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert opening(first, "02:30", zone="Europe/Berlin") == datetime(
        2026, 10, 26, 1, 30, tzinfo=UTC
    )


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    st.none() | st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.sampled_from(ZONES),
)
def test_an_opening_is_never_behind_and_never_far(
    now: datetime, opens: time, closes: time | None, weekdays: frozenset[int], zone: str
) -> None:
    found = next_opening(now, opens=opens, closes=closes, weekdays=weekdays, zone=zone)
    # Samoa skipped a whole day once, and an hour is skipped every spring
    assert now <= found <= now + timedelta(days=8, hours=2)
    if found > now:
        assert local(found, zone).time() >= opens
        assert local(found, zone).weekday() in weekdays


def test_a_birthday_comes_round_on_the_28th_where_there_is_no_29th() -> None:
    born = date(2000, 2, 29)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    nine = time(9)
    assert next_yearly(born, Span(), nine, "UTC", now) == datetime(2026, 2, 28, 9, tzinfo=UTC)
    later = datetime(2027, 6, 1, tzinfo=UTC)
    assert next_yearly(born, Span(), nine, "UTC", later) == datetime(2028, 2, 29, 9, tzinfo=UTC)


def test_three_days_before_new_year_is_in_the_old_year() -> None:
    now = datetime(2026, 12, 30, tzinfo=UTC)
    found = next_yearly(date(1990, 1, 2), Span(days=-3), time(9), "UTC", now)
    assert found == datetime(2026, 12, 30, 9, tzinfo=UTC)


def test_a_day_that_passed_this_morning_comes_next_year() -> None:
    now = datetime(2026, 5, 4, 10, tzinfo=UTC)
    found = next_yearly(date(1990, 5, 4), Span(), time(9), "UTC", now)
    assert found == datetime(2027, 5, 4, 9, tzinfo=UTC)


def test_nothing_comes_round_before_the_date_itself() -> None:
    now = datetime(2026, 5, 4, 10, tzinfo=UTC)
    found = next_yearly(date(2030, 6, 1), Span(), time(9), "UTC", now)
    assert found == datetime(2030, 6, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize("offset", [Span(months=12), Span(months=-12), Span(days=366), Span()])
@given(
    st.dates(date(1930, 1, 1), date(2026, 1, 1)),
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC)),
)
def test_something_comes_round_within_a_year(offset: Span, day: date, now: datetime) -> None:
    found = next_yearly(day, offset, time(9), "Europe/Berlin", now)
    assert found is not None
    assert now <= found <= now + timedelta(days=368)


def test_a_moment_keeps_the_local_hour() -> None:
    before_the_change = date(2026, 3, 28)
    found = moment_near(before_the_change, Span(days=1), time(9), "Europe/Berlin")
    assert found == datetime(2026, 3, 29, 7, tzinfo=UTC)


def test_what_lies_outside_the_calendar_never_comes() -> None:
    last, nine = date(9999, 12, 31), time(9)
    assert moment_near(last, Span(days=3), nine, "UTC") is None
    assert moment_near(last, Span(), time(20), "America/Los_Angeles") is None
    assert moment_near(date(1, 1, 1), Span(days=-3), nine, "UTC") is None
    assert next_yearly(last, Span(days=1), nine, "UTC", FRIDAY) is None
    assert next_yearly(last, Span(), nine, "UTC", FRIDAY) is not None
