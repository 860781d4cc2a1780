"""Literals, typed by their own value and never by the column beside them.

A literal that takes its column's type would send 0.1 to a bigint column as 0 and match zeros.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Boolean, ColumnElement, Date, DateTime, Double, Text, literal

from engine.rules.ir import Scalar

INSTANT = DateTime(timezone=True)


def typed(value: Scalar) -> ColumnElement[object]:
    """A bound parameter of the type that the value has in Python."""
    match value:
        case bool():
            return literal(value, Boolean())
        case int():
            return literal(value, BigInteger())
        case float():
            return literal(value, Double())
        case str():
            return literal(value, Text())
        case datetime():
            return literal(value, INSTANT)
        case date():
            return literal(value, Date())
