"""A length of time as a number and a unit, and back to what people write. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from engine.local_time import SpanRefused, parse_span

SpanUnit = Literal["m", "h", "d", "w", "mo", "y"]
UNITS: Final[tuple[SpanUnit, ...]] = get_args(SpanUnit)
MOST: Final = 9_999


@dataclass(frozen=True, slots=True)
class Amount:
    """`count` is negative for what lies before."""

    count: int
    unit: SpanUnit

    def written(self) -> str:
        return f"{self.count}{self.unit}"


def amount_of(text: str) -> Amount | None:
    """In one unit, without losing anything; None for "1d12h", and for what is no length of time."""
    try:
        span = parse_span(text)
    except SpanRefused:
        return None
    if span.seconds % 60:
        return None
    every = (
        Amount(span.months, "mo"),
        Amount(span.days, "d"),
        Amount(span.seconds // 60, "m"),
    )
    parts = [amount for amount in every if amount.count]
    if len(parts) != 1:
        return None
    return _rounder(parts[0], text)


def _rounder(amount: Amount, text: str) -> Amount | None:
    """Weeks, years and hours where they come out even; days stay days when they were written so."""
    count, unit = amount.count, amount.unit
    said_in_days = "d" in text.lower()
    if unit == "mo" and count % 12 == 0:
        count, unit = count // 12, "y"
    elif unit == "d" and count % 7 == 0 and not said_in_days:
        count, unit = count // 7, "w"
    elif unit == "m" and count % 60 == 0:
        count, unit = count // 60, "h"
    return Amount(count, unit) if abs(count) <= MOST else None
