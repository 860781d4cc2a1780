"""A value in JSON against constants, without reading it out as a value of its type first.

TRUE exactly where the condition is true, so that `IS NOT TRUE` is the complement. Tests stand in a
CASE for their order, and for what PostgreSQL expects of them: a text to be found in one row of two
hundred, a number in half the rows. Of bare tests joined by AND it would expect next to no row.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Numeric, and_, case, cast, false, func, literal, or_

from engine.rules import ir
from engine.rules.ir import Comparison, Path
from engine.rules.limits import NUMBER_LIMIT, SMALLEST_NUMBER
from engine.rules.to_sql.literals import typed
from engine.rules.to_sql.properties import as_text, element
from engine.rules.types import Type

Condition = ir.Compare | ir.Within | ir.OneOf


def against_constants(
    node: Condition, document: ColumnElement[Any], path: Path
) -> ColumnElement[bool] | None:
    """The condition on the value at this path, or None when it is none of the common ones."""
    match node:
        case ir.Compare("==", ir.Field(type=Type.TEXT), ir.Literal(value=wanted)):
            return _is_text(document, path, as_text(document, path) == typed(wanted))
        case ir.OneOf(ir.Field(type=Type.TEXT), options):
            return _is_text(document, path, as_text(document, path).in_(map(typed, options)))
        case ir.Compare(sign, ir.Field(type=Type.NUMBER), ir.Literal(value=int() | float() as at)):
            return _is_number(document, path, _compared(_number(document, path), sign, at))
        case ir.Within(
            ir.Field(type=Type.NUMBER),
            ir.Literal(value=int() | float() as low),
            ir.Literal(value=int() | float() as high),
            closed=True,
        ):
            return _is_number(document, path, _between(_number(document, path), low, high))
        case ir.OneOf(ir.Field(type=Type.NUMBER), options):
            return _is_number(document, path, _among(_number(document, path), options))
        case _:
            return None


def _is_text(
    document: ColumnElement[Any], path: Path, matching: ColumnElement[bool]
) -> ColumnElement[bool]:
    # few texts are equal, so only of those the type is asked
    found = case((matching, func.jsonb_typeof(element(document, path))))
    return found == typed("string")


def _is_number(
    document: ColumnElement[Any], path: Path, matching: ColumnElement[bool]
) -> ColumnElement[bool]:
    # anything else would make the cast fail
    return case((func.jsonb_typeof(element(document, path)) == typed("number"), matching))


def _number(document: ColumnElement[Any], path: Path) -> ColumnElement[Any]:
    """The decimal as it is stored, which costs a third of turning it into a double.

    Whatever writes documents writes doubles in their shortest form, and those lie in the same order
    as the doubles do.
    """
    return cast(element(document, path), Numeric())


def _compared(number: ColumnElement[Any], sign: Comparison, constant: float) -> ColumnElement[bool]:
    """What is out of range counts as absent, so the bound that a comparison leaves open is
    closed.
    """
    exact = _exact(constant)
    match sign:
        case "==":
            # what is out of range counts as absent, so nothing equals a constant at the limit
            return number == exact if abs(constant) < NUMBER_LIMIT else false()
        case ">" | ">=":
            above = number > exact if sign == ">" else number >= exact
            found = and_(above, number < _exact(NUMBER_LIMIT))
            return found if constant > 0 else and_(found, _not_tiny(number))
        case "<" | "<=":
            below = number < exact if sign == "<" else number <= exact
            found = and_(below, number > _exact(-NUMBER_LIMIT))
            return found if constant < 0 else and_(found, _not_tiny(number))


def _between(number: ColumnElement[Any], low: float, high: float) -> ColumnElement[bool]:
    found = and_(number >= _exact(low), number <= _exact(high))
    if abs(low) == NUMBER_LIMIT or abs(high) == NUMBER_LIMIT:
        found = and_(found, func.abs(number) < _exact(NUMBER_LIMIT))
    return found if low > 0 or high < 0 else and_(found, _not_tiny(number))


def _among(number: ColumnElement[Any], options: tuple[ir.Scalar, ...]) -> ColumnElement[bool]:
    numbers = [one for one in options if isinstance(one, int | float)]
    within = [_exact(one) for one in numbers if abs(one) < NUMBER_LIMIT]
    return number.in_(within) if within else false()


def _not_tiny(number: ColumnElement[Any]) -> ColumnElement[bool]:
    smallest = _exact(SMALLEST_NUMBER)
    return or_(number >= smallest, number <= -smallest, number == _exact(0))


def _exact(number: float) -> ColumnElement[Any]:
    return literal(Decimal(repr(number)), Numeric())
