"""From a value of another system's document to one of ours. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, cast, get_args

from engine.services import field_values
from engine.services.field_values import ValueRefused

Convert = Literal[
    "as_is",
    "text",
    "lower",
    "number",
    "number_comma",
    "whole",
    "yes_no",
    "time",
    "unix_seconds",
    "unix_millis",
    "date",
    "date_dmy",
    "date_mdy",
    "date_compact",
    "money_major",
    "money_minor",
    "split",
]
CONVERTS: Final[tuple[Convert, ...]] = get_args(Convert)
# They are told in `detail` which currency it is, or where the document says it.
MONEY: Final = frozenset({"money_major", "money_minor"})
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST: Final = 10_000


def converted(value: Any, convert: Convert, currency: str = "") -> Any:
    """A JSON value. Raises ValueRefused; None stays None."""
    if value is None:
        return None
    if convert in MONEY:
        return _money(value, convert, currency)
    return _CONVERTERS[convert](value)


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueRefused("not_text", "This is neither text nor a number.")
    return str(value).strip()[:_LONGEST]


def _number(value: Any) -> int | float:
    number = field_values.decimal(value)
    return int(number) if number == number.to_integral_value() else float(number)


def _number_comma(value: Any) -> int | float:
    number = field_values.decimal(value, mark=",")
    return int(number) if number == number.to_integral_value() else float(number)


def _time(value: Any) -> str:
    return field_values.instant(value).isoformat().replace("+00:00", "Z")


def _unix(value: Any, scale: int) -> str:
    number = field_values.decimal(value)
    try:
        moment = _EPOCH + timedelta(microseconds=int(number * scale))
    except OverflowError:
        raise ValueRefused("not_a_time", "This is no time that people live in.") from None
    return moment.isoformat().replace("+00:00", "Z")


def _day(*forms: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        for form in forms[:-1]:
            try:
                return field_values.day(text, form=form).isoformat()
            except ValueRefused:
                continue
        return field_values.day(text, form=forms[-1]).isoformat()

    return read


def _compact(value: Any) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return field_values.day(text, form="%Y%m%d").isoformat()


def _split(value: Any) -> list[str]:
    """Words with commas or semicolons between them, or a list of words."""
    if isinstance(value, list):
        return [_text(one) for one in value[:200]]
    return [word.strip() for word in _text(value).replace(";", ",").split(",") if word.strip()]


def _money(value: Any, convert: Convert, currency: str) -> dict[str, Any]:
    code = field_values.currency(currency)
    amount = (
        field_values.minor_units(value, code)
        if convert == "money_major"
        else field_values.integer(value)
    )
    return {"amount": amount, "currency": code}


_CONVERTERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "as_is": lambda value: value,
    "text": _text,
    "lower": lambda value: _text(value).lower(),
    "number": _number,
    "number_comma": _number_comma,
    "whole": field_values.integer,
    "yes_no": field_values.boolean,
    "time": _time,
    "unix_seconds": lambda value: _unix(value, 1_000_000),
    "unix_millis": lambda value: _unix(value, 1_000),
    "date": lambda value: field_values.day(value).isoformat(),
    "date_dmy": _day("%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y"),
    "date_mdy": _day("%m/%d/%Y", "%m-%d-%Y"),
    "date_compact": _compact,
    "split": _split,
}


def is_convert(name: object) -> bool:
    return name in CONVERTS


def as_convert(name: str) -> Convert:
    return cast(Convert, name)
