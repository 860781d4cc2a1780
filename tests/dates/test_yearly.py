"""On which day a birthday is kept."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.dates.lunar import months_of, to_lunar
from engine.dates.yearly import (
    Calendar,
    LeapDay,
    births_kept_on,
    in_year,
    lunar_births_as_dates,
    returning_on,
)

SOLAR, LUNAR = Calendar.GREGORIAN, Calendar.LUNAR
BIRTHS = st.dates(date(1901, 3, 1), date(2026, 12, 31))
POLICIES = st.sampled_from(list(LeapDay))
CALENDARS = st.sampled_from(list(Calendar))


@pytest.mark.parametrize(
    ("policy", "in_2027", "in_2028"),
    [
        (LeapDay.FEB_28, date(2027, 2, 28), date(2028, 2, 29)),
        (LeapDay.MAR_1, date(2027, 3, 1), date(2028, 2, 29)),
        (LeapDay.LEAP_YEARS_ONLY, None, date(2028, 2, 29)),
    ],
)
def test_29_february_is_kept_as_its_policy_says(
    policy: LeapDay, in_2027: date | None, in_2028: date
) -> None:
    born = date(2000, 2, 29)
    assert in_year(born, 2027, SOLAR, policy) == in_2027
    assert in_year(born, 2028, SOLAR, policy) == in_2028
    # 1900 and 2100 have no 29 February
    assert (in_year(born, 2100, SOLAR, policy) is None) == (policy is LeapDay.LEAP_YEARS_ONLY)


def test_somebody_born_in_a_leap_month_keeps_the_ordinary_month() -> None:
    born = date(2025, 7, 25)  # the first of the leap sixth month
    assert to_lunar(born).leap
    for year in range(2026, 2060):
        day = in_year(born, year, LUNAR, LeapDay.FEB_28)
        assert day is not None
        lunar = to_lunar(day)
        assert (lunar.year, lunar.month, lunar.day, lunar.leap) == (year, 6, 1, False)


def test_somebody_born_before_a_leap_month_keeps_one_day_in_a_year_with_two_such_months() -> None:
    born = date(2000, 7, 2)  # the first of the sixth month
    day = in_year(born, 2025, LUNAR, LeapDay.FEB_28)
    assert day is not None
    assert not to_lunar(day).leap
    assert returning_on(date(2025, 7, 25), born, LUNAR, LeapDay.FEB_28) is None


def test_a_30th_is_kept_on_the_29th_of_a_month_that_has_no_30th() -> None:
    long = next(m for m in months_of(1990) if m.month == 5 and not m.leap)
    assert long.days == 30
    born = long.first + timedelta(days=29)
    days = {y: in_year(born, y, LUNAR, LeapDay.FEB_28) for y in range(1991, 2050)}
    for year, day in days.items():
        month = next(m for m in months_of(year) if m.month == 5 and not m.leap)
        assert day == month.first + timedelta(days=month.days - 1)
    assert {to_lunar(day).day for day in days.values() if day} == {29, 30}


def test_the_day_itself_is_no_return() -> None:
    born = date(2026, 5, 4)
    for calendar in Calendar:
        assert returning_on(born, born, calendar, LeapDay.FEB_28) is None
        assert in_year(born, 2025, calendar, LeapDay.FEB_28) is None


@given(BIRTHS, st.integers(2027, 2099), POLICIES, CALENDARS)
def test_a_return_is_found_from_its_day_and_by_what_the_database_is_asked(
    born: date, year: int, policy: LeapDay, calendar: Calendar
) -> None:
    day = in_year(born, year, calendar, policy)
    if day is None:
        assert policy is LeapDay.LEAP_YEARS_ONLY
        return
    found = returning_on(day, born, calendar, policy)
    assert found is not None
    assert found.year == year
    if calendar is SOLAR:
        assert (born.month, born.day) in births_kept_on(day, SOLAR, policy)
    else:
        lunar = to_lunar(born)
        assert (lunar.month, lunar.day) in births_kept_on(day, LUNAR, policy)
        assert born in lunar_births_as_dates(day)


@settings(max_examples=25, deadline=None)
@given(BIRTHS, st.dates(date(2027, 1, 1), date(2098, 12, 31)), CALENDARS)
def test_in_every_year_of_its_calendar_a_date_returns_once(
    born: date, any_day: date, calendar: Calendar
) -> None:
    year = any_day.year
    last = date(year + 1, 2, 28)
    days = [date(year, 1, 1) + timedelta(days=n) for n in range((last - date(year, 1, 1)).days)]
    found = [r for d in days if (r := returning_on(d, born, calendar, LeapDay.MAR_1))]
    assert len([one for one in found if one.year == year]) == 1
