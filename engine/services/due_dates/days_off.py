"""Which days are off in a country, by the `holidays` package."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import lru_cache

import holidays

from engine.dates.days_off import WEEKENDS, DaysOff


@lru_cache(maxsize=2048)
def days_off_of(country: str | None, year: int) -> DaysOff:
    """Weekends, public holidays and working weekends of the year and its neighbours; `country` is
    an ISO 3166 code. Where none is known, Saturdays and Sundays.
    """
    if country is None or not is_known(country):
        return WEEKENDS
    years = (year - 1, year, year + 1)
    known = holidays.country_holidays(country, years=years)
    worked: Collection[date] = getattr(known, "weekend_workdays", ())
    return DaysOff(
        frozenset(known.weekend),
        frozenset(known),
        frozenset(day for day in worked if day.year in years),
    )


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries())


def is_known(country: str) -> bool:
    return country in _countries()
