"""Amounts of money as they were read and asked for."""

from __future__ import annotations

from typing import Any

from engine.rules import ir
from engine.rules.wording.nouns import Nouns


def money(minor: Any, currency: Any, nouns: Nouns) -> str:
    if not isinstance(minor, int) or not isinstance(currency, str):
        return nouns.literal(None)
    return nouns.money(minor, currency)


def in_currency(value: ir.Value, read: Any, nouns: Nouns) -> str:
    currency = _currency_of(value)
    return nouns.literal(read) if currency is None else money(read, currency, nouns)


def bound(value: ir.Value, right: ir.Value, nouns: Nouns) -> str:
    currency = _currency_of(value)
    if currency is None or not isinstance(right, ir.Literal):
        return nouns.value(right)
    return money(right.value, currency, nouns)


def _currency_of(value: ir.Value) -> str | None:
    """The currency of a sum of amounts, which looks at one currency only."""
    if not isinstance(value, ir.Aggregate):
        return None
    parts = value.where.parts if isinstance(value.where, ir.And) else (value.where,)
    return next((found for part in parts if (found := _asked_currency(part))), None)


def _asked_currency(part: ir.Predicate) -> str | None:
    match part:
        case ir.Compare("==", ir.Field(path=(*_, "currency")), ir.Literal(value=str(currency))):
            return currency
        case _:
            return None


def without_currency(where: ir.Predicate) -> ir.Predicate:
    parts = where.parts if isinstance(where, ir.And) else (where,)
    kept = tuple(part for part in parts if _asked_currency(part) is None)
    return ir.TRUE if not kept else kept[0] if len(kept) == 1 else ir.And(kept)
