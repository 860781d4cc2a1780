"""Output cells: the value each row gives, of the type the table declares."""

from __future__ import annotations

from datetime import date
from typing import Any

from engine.rules.tables import values
from engine.rules.tables.table import OutputType


def output(cell: str, kind: OutputType) -> Any:
    """The value of a cell, None for an empty one. Money is {"minor", "currency"}, a date a date.
    Raises CellRefused.
    """
    text = cell.strip()
    if not text:
        return None
    match kind:
        case OutputType.TEXT:
            return text
        case OutputType.NUMBER:
            return values.number(text)
        case OutputType.BOOLEAN:
            return values.truth(text)
        case OutputType.DATE:
            return date.fromisoformat(values.day(text))
        case OutputType.MONEY:
            minor, currency = values.money(text)
            return {"minor": minor, "currency": currency}
