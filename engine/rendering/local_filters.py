"""Filters that write money, dates and numbers the way the reader does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_currency, format_decimal, get_currency_precision, is_currency
from jinja2 import Undefined, pass_context
from jinja2.runtime import Context

from engine.local_time import local
from engine.rendering.place import KEY, Place, locale_of
from engine.rendering.problems import BadValue
from engine.rendering.text_filters import Filter, kind_of

DATE_STYLES = ("short", "medium", "long", "full")
# CLDR skeletons: the parts that are wanted, in whatever order the language puts them.
DATE_SKELETONS = {"month_day": "MMMMd", "month_year": "yMMMM", "weekday": "EEEE"}


def in_place(function: Callable[..., Any]) -> Filter:
    """Make a filter of a function that takes the place before the value; a missing value passes."""

    @pass_context
    def applied(context: Context, value: Any, *arguments: Any, **named: Any) -> Any:
        if value is None or isinstance(value, Undefined):
            return value
        return function(context.parent[KEY], value, *arguments, **named)

    return applied


def write_money(place: Place, value: Any, currency: Any = None) -> str:
    """An amount as people write it there: `{"minor": 1999, "currency": "EUR"}`, or minor units."""
    if isinstance(value, dict) and set(value) == {"minor", "currency"}:
        value, currency = value["minor"], value["currency"]
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadValue(f"money takes an amount of money or minor units, not {kind_of(value)}.")
    if not isinstance(currency, str) or not is_currency(currency):
        raise BadValue('money needs a currency of ISO 4217, such as money("EUR").')
    digits = get_currency_precision(currency)
    return format_currency(
        Decimal(value).scaleb(-digits), currency, locale=locale_of(place.language)
    )


def write_date(place: Place, value: Any, style: Any = "long") -> str:
    """The date on the reader's calendar; a moment is taken to the reader's zone first."""
    day = _local(place, value)
    if style in DATE_STYLES:
        return _written_date(day.toordinal(), style, locale_of(place.language))
    if style in DATE_SKELETONS:
        return format_skeleton(DATE_SKELETONS[style], day, locale=locale_of(place.language))
    known = ", ".join((*DATE_STYLES, *DATE_SKELETONS))
    raise BadValue(f"date knows the styles {known}.")


def write_time(place: Place, value: Any, style: Any = "short") -> str:
    """The time on the reader's clock."""
    moment = _local(place, value)
    if not isinstance(moment, datetime):
        raise BadValue("time takes a moment; a date alone has no time of day.")
    if style not in ("short", "medium"):
        raise BadValue("time knows the styles short and medium.")
    return format_time(moment.time(), style, locale=locale_of(place.language))


def write_number(place: Place, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise BadValue(f"number takes a number, not {kind_of(value)}.")
    return format_decimal(value, locale=locale_of(place.language))


def plural(place: Place, value: Any, one: Any, other: Any) -> str:
    """The word that goes with a count: `one` where the language says so, else `other`."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise BadValue(f"plural takes a number, not {kind_of(value)}.")
    if not isinstance(one, str) or not isinstance(other, str):
        raise BadValue('plural takes two words, such as plural("order", "orders").')
    return one if locale_of(place.language).plural_form(value) == "one" else other


@lru_cache(maxsize=4096)
def _written_date(ordinal: int, style: str, locale: Locale) -> str:
    return format_date(date.fromordinal(ordinal), style, locale=locale)


def _local(place: Place, value: Any) -> date:
    """A date as it is, a moment on the reader's wall clock; texts in ISO 8601 are read."""
    if isinstance(value, str):
        value = _read(value)
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return local(aware, place.zone)
    if isinstance(value, date):
        return value
    raise BadValue(f"This filter takes a date or a moment, not {kind_of(value)}.")


def _read(text: str) -> date:
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        raise BadValue("The text is not a date; dates are written as 2026-05-31.") from None


LOCAL_FILTERS: dict[str, Filter] = {
    "money": in_place(write_money),
    "date": in_place(write_date),
    "time": in_place(write_time),
    "number": in_place(write_number),
    "plural": in_place(plural),
}
