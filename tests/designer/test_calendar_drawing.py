"""Months and typed hours of calendars, on paper."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.calendars.month import hours_text, minutes_of, month_of, moved
from designer.calendars.week_text import shifts_of, text_of, week_of
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


@pytest.mark.parametrize(
    "text",
    ["9-12:30, 13.30–18", "09:00-12:30,13:30-18:00", "9:00至12:30；13:30到18:00"],
)
def test_hours_are_read_however_people_write_them(text: str) -> None:
    assert shifts_of(text) == [["09:00", "12:30"], ["13:30", "18:00"]]


def test_what_is_no_shift_is_refused_at_its_day() -> None:
    problems: list[Problem] = []
    read_week(week_of({"mon": "morning", "tue": "09:00-18:00", "wed": ""}), problems)
    assert [one.place for one in problems] == ["/hours/mon/0"]


clock = st.integers(0, 23 * 60).map(lambda m: f"{m // 60:02}:{m % 60:02}")


@given(st.lists(st.tuples(clock, clock).map(list), max_size=4))
def test_shown_hours_are_read_back(shifts: list[list[str]]) -> None:
    assert shifts_of(text_of(shifts)) == shifts
