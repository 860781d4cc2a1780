"""The lunar table against two libraries that work the months out for themselves."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import cnlunar
import pytest
from lunar_python import Solar

from engine.dates import lunar_table
from engine.dates.lunar import LunarDay, OutsideTheTable, from_lunar, months_of, to_lunar
from tests.dates.write_lunar_table import TARGET, module_text, months_by_library

# cnlunar lets the ninth month of 2057 begin a day earlier; published almanacs differ here as well.
DISPUTED = (date(2057, 9, 28), date(2057, 10, 27))
# A prime, so that the sample meets every weekday and every day of the lunar months.
STEP = timedelta(days=211)


def test_the_table_is_what_its_script_writes() -> None:
    assert TARGET.read_text() == module_text()


def test_every_month_begins_where_lunar_python_lets_it_begin() -> None:
    for year in range(1900, 2101):
        ours = [(m.month, m.leap, m.first, m.days) for m in months_of(year)]
        theirs = []
        for month in months_by_library(year):
            first = Solar.fromJulianDay(month.getFirstJulianDay())
            theirs.append(
                (
                    abs(month.getMonth()),
                    month.isLeap(),
                    date(first.getYear(), first.getMonth(), first.getDay()),
                    month.getDayCount(),
                )
            )
        assert ours == theirs, year


def test_months_and_sampled_days_agree_with_cnlunar_but_for_one_disputed_month() -> None:
    days = {month.first for year in range(1901, 2100) for month in months_of(year)}
    day = date(1901, 2, 19)
    while day < date(2100, 1, 1):
        days.add(day)
        day += STEP
    differing = {day for day in days if day.year < 2100 and to_lunar(day) != _by_cnlunar(day)}
    assert differing <= {DISPUTED[0] + timedelta(days=n) for n in range(30)}
    assert _by_cnlunar(DISPUTED[0]) != to_lunar(DISPUTED[0])
    assert _by_cnlunar(DISPUTED[1]) != to_lunar(DISPUTED[1])
    assert _by_cnlunar(DISPUTED[1] + timedelta(days=1)) == to_lunar(DISPUTED[1] + timedelta(days=1))


def test_there_and_back_is_the_same_day_for_two_hundred_years() -> None:
    day = lunar_table.NEW_YEAR
    while day.year < 2101:
        assert from_lunar(to_lunar(day)) == day
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "lunar"),
    [
        (date(2026, 2, 17), LunarDay(2026, 1, 1)),
        (date(2025, 7, 25), LunarDay(2025, 6, 1, leap=True)),
        (date(2025, 8, 23), LunarDay(2025, 7, 1)),
        (date(2026, 9, 25), LunarDay(2026, 8, 15)),
        (date(2033, 12, 22), LunarDay(2033, 11, 1, leap=True)),
    ],
)
def test_days_that_everybody_knows(day: date, lunar: LunarDay) -> None:
    assert to_lunar(day) == lunar
    assert from_lunar(lunar) == day


def test_a_month_without_a_30th_has_none() -> None:
    assert (
        from_lunar(LunarDay(2025, 2, 30)) is not None
        or from_lunar(LunarDay(2025, 2, 29)) is not None
    )
    short = next(month for month in months_of(2025) if month.days == 29)
    assert from_lunar(LunarDay(2025, short.month, 30, short.leap)) is None
    assert from_lunar(LunarDay(2026, 6, 1, leap=True)) is None


@pytest.mark.parametrize("day", [date(1900, 1, 30), date(2101, 1, 29), date(1, 1, 1)])
def test_outside_of_two_hundred_years_nothing_is_claimed(day: date) -> None:
    with pytest.raises(OutsideTheTable):
        to_lunar(day)


def _by_cnlunar(day: date) -> LunarDay:
    found = cnlunar.Lunar(
        datetime.combine(day, datetime.min.time().replace(hour=12)), godType="8char"
    )
    return LunarDay(found.lunarYear, found.lunarMonth, found.lunarDay, found.isLunarLeapMonth)
