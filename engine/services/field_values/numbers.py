"""Numbers and amounts, exactly."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Literal

from babel.numbers import get_currency_precision

from engine.services.field_values.refusal import ValueRefused, shown

Mark = Literal[".", ","]
_LARGEST = 2**63 - 1
_PLAIN = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?", re.ASCII)
_GROUPED = {
    ".": re.compile(r"[+-]?\d{1,3}([,  ' ]\d{3})+(\.\d+)?", re.ASCII),
    ",": re.compile(r"[+-]?\d{1,3}([.  ' ]\d{3})+(,\d+)?", re.ASCII),
}


def decimal(value: object, *, mark: Mark = ".") -> Decimal:
    """`mark` is the decimal mark; groups of three may be set apart by the other one or a space."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ValueRefused("not_a_number", f"{shown(value)} is not a number.")
    text = str(value).strip()
    if _GROUPED[mark].fullmatch(text):
        text = re.sub(rf"[^\d{re.escape(mark)}+-]", "", text)
    plain = text.replace(",", ".") if mark == "," and "." not in text else text
    if _PLAIN.fullmatch(plain):
        return Decimal(plain)
    if isinstance(value, float):
        try:
            number = Decimal(repr(value))
        except InvalidOperation:  # pragma: no cover - repr of a float is always a number
            number = Decimal("NaN")
        if number.is_finite():
            return number
    example = "1234.50" if mark == "." else "1234,50"
    raise ValueRefused(
        "not_a_number", f'{shown(value)} is not a number; write it such as "{example}".'
    )


def integer(value: object, *, mark: Mark = ".") -> int:
    number = decimal(value, mark=mark)
    if number != number.to_integral_value():
        raise ValueRefused("not_whole", f"{shown(value)} is not a whole number.")
    return _storable(int(number), value)


def minor_units(
    value: object, currency: str, *, mark: Mark = ".", scale: Decimal = Decimal(1)
) -> int:
    """An amount in the smallest unit of its currency: 29.33 USD is 2933, 500 JPY is 500.

    `scale` multiplies first, for files that write millions. More decimals than the currency has are
    refused rather than rounded, and so is a negative amount: a refund has a status of its own.
    """
    amount = decimal(value, mark=mark) * scale
    if amount < 0:
        raise ValueRefused(
            "negative_money", f"{shown(value)} is negative; an amount is zero or more."
        )
    digits = _precision(currency)
    minor = amount.scaleb(digits)
    if minor != minor.to_integral_value():
        raise ValueRefused(
            "too_exact", f"{shown(value)} is finer than {currency} allows ({digits} decimals)."
        )
    return _storable(int(minor), value)


@lru_cache(maxsize=256)
def _precision(currency: str) -> int:
    return get_currency_precision(currency)


def _storable(number: int, value: object) -> int:
    if abs(number) > _LARGEST:
        raise ValueRefused("too_large", f"{shown(value)} is too large to store.")
    return number
