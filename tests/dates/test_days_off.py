"""Away from weekends and holidays."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.dates.days_off import NO_DAYS_OFF, DaysOff, Shift, shifted, shifted_onto

# 2026: New Year's Day is a Thursday; China works on Sunday the 4th.
OFF = DaysOff(
    holidays=frozenset({date(2026, 1, 1), date(2026, 1, 2)}), working=frozenset({date(2026, 1, 4)})
)
DAYS = st.dates(date(2025, 12, 1), date(2026, 2, 28))
SHIFTS = st.sampled_from(list(Shift))


@pytest.mark.parametrize(
    ("day", "shift", "goes_to"),
    [
        (date(2026, 1, 1), Shift.BEFORE, date(2025, 12, 31)),
        (date(2026, 1, 1), Shift.AFTER, date(2026, 1, 4)),
        (date(2026, 1, 3), Shift.AFTER, date(2026, 1, 4)),
        (date(2026, 1, 4), Shift.BEFORE, date(2026, 1, 4)),
        (date(2026, 1, 10), Shift.BEFORE, date(2026, 1, 9)),
        (date(2026, 1, 10), Shift.NONE, date(2026, 1, 10)),
    ],
)
def test_a_day_off_goes_to_the_nearest_working_day(day: date, shift: Shift, goes_to: date) -> None:
    assert shifted(day, shift, OFF) == goes_to


def test_where_nobody_ever_works_a_day_stays() -> None:
    always = DaysOff(frozenset(range(7)))
    assert shifted(date(2026, 1, 1), Shift.AFTER, always) == date(2026, 1, 1)
    assert shifted(date(2026, 1, 3), Shift.AFTER, NO_DAYS_OFF) == date(2026, 1, 3)


@given(DAYS, SHIFTS)
def test_going_back_finds_exactly_the_days_that_come_here(day: date, shift: Shift) -> None:
    near = [day + timedelta(days=away) for away in range(-25, 26)]
    assert shifted_onto(day, shift, OFF) == tuple(d for d in near if shifted(d, shift, OFF) == day)
