"""Months and typed hours of calendars, on paper."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.calendars.month import hours_text, minutes_of, month_of, moved
from designer.calendars.week_text import (
    MOST_SHIFTS,
    filled,
    next_shift,
    read,
    shifts_in,
    text_of,
    week_of,
)
from engine.errors import Problem
from engine.services.calendars.document import WEEKDAYS, read_week
from engine.services.calendars.public_holidays import special_days
from engine.working_time import WorkingCalendar


def calendar(**more: Any) -> WorkingCalendar:
    week = read_week({day: [["09:00", "18:00"]] for day in WEEKDAYS[:5]}, [])
    return WorkingCalendar(week, **more)


def test_a_month_says_why_each_day_is_worked_or_not() -> None:
    single = {date(2026, 10, 12): ((600, 720),)}
    china = calendar(exceptions=single, special_days=partial(special_days, "CN", None))
    days = {day.date: day for week in month_of(china, 2026, 10) for day in week}
    assert days[date(2026, 10, 1)].why == "holiday"
    assert days[date(2026, 10, 10)].why in ("worked", "off")
    assert days[date(2026, 10, 11)].why == "off"
    assert days[date(2026, 10, 12)].why == "exception"
    assert hours_text(days[date(2026, 10, 12)].hours) == "10:00-12:00"
    assert days[date(2026, 10, 13)].why == "week"
    assert [day.date.weekday() for day in month_of(china, 2026, 10)[0]] == list(range(7))
    assert not month_of(china, 2026, 10)[0][0].inside
    assert minutes_of(((0, 60), (120, 150))) == 90


@given(st.integers(1950, 2100), st.integers(1, 12), st.integers(-30, 30))
def test_months_go_round_the_year(year: int, month: int, by: int) -> None:
    there = moved(year, month, by)
    assert 1 <= there[1] <= 12
    assert moved(*there, -by) == (year, month)


def problems_of(**days: list[list[str]]) -> list[tuple[str, str]]:
    problems: list[Problem] = []
    read_week(week_of(days), problems)
    return [(one.place, one.code) for one in problems]


def test_what_is_no_shift_is_refused_at_its_day_by_its_code() -> None:
    usual = ["09:00", "18:00"]
    assert problems_of(mon=[["09:00", ""]], tue=[usual], wed=[]) == [("/hours/mon/0", "bad_shift")]
    assert problems_of(mon=[["18:00", "09:00"]]) == [
        ("/hours/mon/0", "over_midnight"),
    ]
    late = ["17:00", "20:00"]
    assert problems_of(fri=[usual, late]) == [("/hours/fri/1", "shifts_overlap")]
    assert problems_of(mon=[]) == [("/hours", "no_hours")]


def test_midnight_ends_a_day_and_begins_one() -> None:
    assert filled(["22:00", "24:00"]) == ("22:00", "00:00")
    assert read("00:00", "00:00") == ["00:00", "24:00"]
    assert read("09:00:00", None) == ["09:00", ""]
    assert filled(["morning"]) == ("morning", "")


clock = st.integers(0, 24 * 60 - 1).map(lambda m: f"{m // 60:02}:{m % 60:02}")
ending = clock.map(lambda text: "24:00" if text == "00:00" else text)


@given(st.lists(st.tuples(clock, ending).map(list), max_size=4))
def test_shown_hours_are_read_back(shifts: list[list[str]]) -> None:
    assert [read(*filled(one)) for one in shifts_in(shifts)] == shifts
    assert text_of(shifts).count("-") == len(shifts)


@pytest.mark.parametrize("stored", [None, "09:00", [["09:00"]], ["09:00"], 3, [[1, 2]]])
def test_hours_that_nobody_wrote_are_shown_as_far_as_they_go(stored: Any) -> None:
    for one in shifts_in(stored):
        filled(one)
    text_of(stored)


def test_offered_hours_go_on_where_the_day_was() -> None:
    assert next_shift([]) == ["09:00", "18:00"]
    assert next_shift([["08:30", "12:30"]]) == ["13:30", "18:00"]
    assert next_shift([["09:00", "18:00"]]) == ["19:00", "23:00"]
    assert next_shift([["09:00", "22:30"]]) == ["23:30", "24:00"]
    assert next_shift([["09:00", "24:00"]]) is None
    assert next_shift([["09:00", ""]]) == ["", ""]
    assert next_shift([["09:00", "09:10"]] * MOST_SHIFTS) is None
