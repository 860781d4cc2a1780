"""What the event of a goal is worth."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final, NamedTuple, Protocol

from babel.numbers import get_currency_precision

from engine.flows.goal import Revenue, is_currency
from engine.services.changes.said import KIND as RECORD_KIND
from engine.services.field_values import ValueRefused, decimal

_LARGEST: Final = 2**63 - 1
_LONGEST_KEY: Final = 200


class Worth(NamedTuple):
    """An amount in minor units of its currency, or the order that has it: our number of it, or the
    one another system knows it by.
    """

    amount_minor: int | None = None
    currency: str | None = None
    order_id: int | None = None
    order_key: str | None = None


NOTHING: Final = Worth()


class Occurrence(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def properties(self) -> Mapping[str, Any]: ...


def worth_of(revenue: Revenue | None, event: Occurrence) -> Worth:
    """What the event says; nothing where it says nothing that makes sense, because a goal is
    reached all the same.
    """
    if revenue is None:
        return NOTHING
    if revenue.of_order:
        return _order(event)
    currency = revenue.currency
    if not is_currency(currency):
        currency = _at(event.properties, currency)
    amount = _at(event.properties, revenue.amount)
    if not isinstance(currency, str) or not is_currency(currency.upper()):
        return NOTHING
    minor = _minor(amount, currency.upper(), in_minor=revenue.unit == "minor")
    return NOTHING if minor is None else Worth(minor, currency.upper())


def _order(event: Occurrence) -> Worth:
    said = event.properties
    if event.kind == RECORD_KIND and said.get("record") == "order":
        number = said.get("record_id")
        return Worth(order_id=number) if isinstance(number, int) else NOTHING
    key = said.get("order_id")
    if isinstance(key, bool) or not isinstance(key, str | int) or len(str(key)) > _LONGEST_KEY:
        return NOTHING
    return Worth(order_key=str(key))


def _at(properties: Mapping[str, Any], name: str) -> Any:
    """The property of that name, or what lies at its dots."""
    if name in properties:
        return properties[name]
    found: Any = properties
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _minor(value: Any, currency: str, *, in_minor: bool) -> int | None:
    """Rounded to what the currency has, half to even: sums of floats come with a few billionths."""
    try:
        amount = decimal(value)
    except ValueRefused:
        return None
    scaled = amount if in_minor else amount.scaleb(get_currency_precision(currency))
    minor = int(scaled.quantize(Decimal(1), ROUND_HALF_EVEN)) if abs(scaled) <= _LARGEST else -1
    return minor if 0 <= minor <= _LARGEST else None
