"""Reading a JSON value as one type: another type, or a number or date out of range, is NULL and
never an error.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    Double,
    Numeric,
    String,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from engine.rules.evaluate.reading import INSTANT_PATTERN
from engine.rules.ir import Path
from engine.rules.limits import NUMBER_LIMIT, SMALLEST_NUMBER
from engine.rules.to_sql.literals import INSTANT, typed
from engine.rules.types import Type

_DATE_PATTERN = r"[1-9]\d{3}-\d\d-\d\d"
_UNSET = ("null", '""', "[]")


def element(document: ColumnElement[Any], path: Path) -> ColumnElement[Any]:
    """The JSON value at a path of object keys. Lists are not entered, whatever the key."""
    for key in path:
        document = document.op("->", return_type=JSONB())(typed(key))
    return document


def read_property(document: ColumnElement[Any], path: Path, kind: Type) -> ColumnElement[Any]:
    """The value at a path where it is of this type, else NULL. No path is the whole document."""
    found = element(document, path)
    if kind is Type.PROPERTY:
        return found
    text = as_text(document, path)
    match kind:
        case Type.TEXT:
            return _of_type(found, "string", text)
        case Type.BOOLEAN:
            return _of_type(found, "boolean", cast(found, Boolean()))
        case Type.NUMBER:
            return _of_type(found, "number", _number(cast(found, Numeric())))
        case Type.DATE:
            return _of_type(
                found, "string", _parsed(text, _DATE_PATTERN, "date", cast(text, Date()))
            )
        case Type.DATETIME:
            instant = _parsed(text, INSTANT_PATTERN, "timestamptz", cast(text, INSTANT))
            return _of_type(found, "string", instant)
        case Type.SET:
            return _of_type(found, "array", found)
        case _:
            raise AssertionError(kind)


def as_text(document: ColumnElement[Any], path: Path) -> ColumnElement[Any]:
    if path:
        return element(document, path[:-1]).op("->>", return_type=String())(typed(path[-1]))
    return document.op("#>>", return_type=String())(cast(literal("{}", String()), ARRAY(Text())))


def property_is_set(found: ColumnElement[Any]) -> ColumnElement[bool]:
    """TRUE when there is any JSON value but null and the empty text and list."""
    return and_(*(found != literal(empty, String()).cast(JSONB()) for empty in _UNSET))


def property_is_empty(found: ColumnElement[Any]) -> ColumnElement[bool]:
    empty = (found == literal(empty, String()).cast(JSONB()) for empty in _UNSET)
    return or_(found.is_(None), *empty)


def _of_type(
    found: ColumnElement[Any], json_type: str, value: ColumnElement[Any]
) -> ColumnElement[Any]:
    return case((func.jsonb_typeof(found) == json_type, value))


def _number(exact: ColumnElement[Any]) -> ColumnElement[Any]:
    # Inside this range numeric to double cannot raise; the double decides, as it does in Python.
    size = func.abs(exact)
    holdable = and_(
        size <= literal(NUMBER_LIMIT * 2, Numeric()),
        or_(exact == literal(0, Numeric()), size >= literal(SMALLEST_NUMBER / 2, Double())),
    )
    double: ColumnElement[float] = cast(exact, Double())
    within = and_(
        func.abs(double) < typed(float(NUMBER_LIMIT)),
        or_(double == typed(0.0), func.abs(double) >= typed(SMALLEST_NUMBER)),
    )
    return case((holdable, case((within, double))))


def _parsed(
    text: ColumnElement[Any], pattern: str, name: str, value: ColumnElement[Any]
) -> ColumnElement[Any]:
    shaped = text.regexp_match(f"^{pattern}$")
    valid = func.pg_input_is_valid(text, typed(name))
    return case((and_(shaped, valid == true()), value))
