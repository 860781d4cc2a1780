"""Values as people write them in a table: numbers, dates, amounts of money, yes and no."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from babel.numbers import get_currency_precision, list_currencies

from engine.rules.limits import NUMBER_LIMIT
from engine.rules.problems import shown
from engine.rules.tables.splitting import CellRefused

_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?")
_MONEY: Final = re.compile(r"(?P<amount>[+-]?\d+(?:\.\d+)?)\s*(?P<currency>[A-Z]{3})")
_MONEY_FIRST: Final = re.compile(r"(?P<currency>[A-Z]{3})\s*(?P<amount>[+-]?\d+(?:\.\d+)?)")
_YES: Final = frozenset({"yes", "true", "是"})
_NO: Final = frozenset({"no", "false", "否"})
Number = int | float


def looks_like_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def number(text: str) -> Number:
    """ "10000", "-2.5"; raises CellRefused."""
    if not looks_like_number(text):
        raise CellRefused(f"{shown(text)} is not a number; write one such as 10000 or 2.5.")
    value = Decimal(text)
    if abs(value) > NUMBER_LIMIT:
        raise CellRefused(f"{shown(text)} is too large; use a number of at most 2^53.")
    return int(value) if value == value.to_integral_value() else float(value)


def day(text: str) -> str:
    """An ISO date, which is how rules write dates; raises CellRefused."""
    try:
        if len(text) == 10:
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise CellRefused(f"{shown(text)} is not a date; write one such as 2026-03-31.")


def truth(text: str) -> bool:
    """ "yes" or "no"; raises CellRefused."""
    low = text.strip().lower()
    if low in _YES or low in _NO:
        return low in _YES
    raise CellRefused(f"{shown(text)} is neither yes nor no.")


def money(text: str) -> tuple[int, str]:
    """ "10000 USD" or "USD 10000" as minor units and currency; raises CellRefused."""
    found = _MONEY.fullmatch(text) or _MONEY_FIRST.fullmatch(text)
    if found is None:
        hint = "write one with its currency, such as 10000 USD."
        raise CellRefused(f"{shown(text)} is not an amount; {hint}")
    return minor_units(found["amount"], found["currency"]), found["currency"]


def minor_units(amount: str, currency: str) -> int:
    """An amount in the smallest unit of its currency; raises CellRefused."""
    if currency not in list_currencies():
        raise CellRefused(f"there is no currency {currency}; write three letters such as USD.")
    try:
        minor = Decimal(amount).scaleb(get_currency_precision(currency))
    except InvalidOperation as error:
        raise CellRefused(f"{shown(amount)} is not an amount.") from error
    if minor != minor.to_integral_value() or abs(minor) > NUMBER_LIMIT:
        raise CellRefused(f"{amount} {currency} cannot be paid in whole units of the currency.")
    return int(minor)
