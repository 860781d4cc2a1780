"""Public holidays and working weekends of a place, by the `holidays` package."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Final

import holidays

from engine.working_time import ORDINARY, SpecialDays

# Some hundred places times the years that promises reach ahead.
_MOST_YEARS: Final = 4096


@lru_cache(maxsize=_MOST_YEARS)
def special_days(country: str | None, subdivision: str | None, year: int) -> SpecialDays:
    """The holidays of a year; `country` is an ISO 3166-1 code and `subdivision` its ISO 3166-2
    part. No place, or one that nobody knows, has none.

    Working weekends (调休) are known for the years for which a government has announced them.
    """
    if country is None or not is_known(country, subdivision):
        return ORDINARY
    known = holidays.country_holidays(country, subdiv=subdivision, years=year)
    worked: Iterable[date] = getattr(known, "weekend_workdays", ())
    return SpecialDays(
        frozenset(day for day in known if day.year == year),
        frozenset(day for day in worked if day.year == year),
    )


def is_known(country: str, subdivision: str | None = None) -> bool:
    places = _places()
    return country in places and (subdivision is None or subdivision in places[country])


def subdivisions(country: str) -> list[str]:
    """The parts of a country whose holidays differ."""
    return sorted(_places().get(country, ()))


@lru_cache(maxsize=1)
def _places() -> dict[str, frozenset[str]]:
    return {
        country: frozenset(parts)
        for country, parts in holidays.list_supported_countries(include_aliases=False).items()
    }


def countries() -> list[str]:
    return sorted(_places())
