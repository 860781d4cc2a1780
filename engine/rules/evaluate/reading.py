"""Closures that read one value from a record, and what a JSON value counts as."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from engine.rules import ir
from engine.rules.limits import NUMBER_LIMIT, SMALLEST_NUMBER
from engine.rules.text_folding import fold
from engine.rules.types import Type

Record = Mapping[str, Any]
# The moments of a rule, worked out for one `now` and zone, in the order the compiler numbered them.
Instants = Sequence[date | datetime]
ValueOf = Callable[[Any, Any], Any]
Test = Callable[[Any, Any], bool]

_DATE = re.compile(r"[1-9]\d{3}-\d\d-\d\d", re.ASCII)
# PostgreSQL reads the same texts behind the same pattern, in engine/rules/to_sql/properties.py.
INSTANT_PATTERN = (
    r"[1-9]\d{3}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?"
    r"(Z|[+-](0\d|1[0-4]):[0-5]\d)"
)
_INSTANT = re.compile(INSTANT_PATTERN, re.ASCII)


def read(field: ir.Field) -> ValueOf:
    """The closure for a field; anything missing on the way is absent."""
    getter = _walk_json(field.path) if field.dynamic else _walk(field.path)
    if field.dynamic and field.type in _ACCEPTS:
        getter = _accepting(getter, _ACCEPTS[field.type])
    return _folding(getter) if field.folded else getter


def _walk(path: ir.Path) -> ValueOf:
    match path:
        case (name,):
            return lambda record, _: record.get(name)
        case (head, name):

            def from_record(record: Any, _: Any) -> Any:
                try:
                    inner = record[head]
                    return None if inner is None else inner[name]
                except KeyError:
                    return None

            return from_record
        case _:

            def from_depth(record: Any, _: Any) -> Any:
                for name in path:
                    if record is None:
                        return None
                    record = record.get(name)
                return record

            return from_depth


def _walk_json(path: ir.Path) -> ValueOf:
    if len(path) == 3:
        return _walk_three(*path)

    def from_json(record: Any, _: Any) -> Any:
        for name in path:
            if not isinstance(record, dict):
                return None
            record = record.get(name)
        return record

    return from_json


def _walk_three(head: str, middle: str, name: str) -> ValueOf:
    """A property or custom field of a record, the usual depth, without the loop."""

    def from_json(record: Any, _: Any) -> Any:
        if isinstance(record, dict):
            outer = record.get(head)
            if isinstance(outer, dict):
                inner = outer.get(middle)
                if isinstance(inner, dict):
                    return inner.get(name)
        return None

    return from_json


def _accepting(getter: ValueOf, accept: Callable[[Any], Any]) -> ValueOf:
    return lambda record, instants: accept(getter(record, instants))


def _folding(getter: ValueOf) -> ValueOf:
    def folded(record: Any, instants: Any) -> Any:
        text = getter(record, instants)
        return None if text is None else fold(text)

    return folded


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _number(value: Any) -> float | None:
    """Numbers that every back end can hold; others count as absent."""
    if value.__class__ is not int and value.__class__ is not float:
        return None
    if not -NUMBER_LIMIT < value < NUMBER_LIMIT:
        return None
    return value if value == 0 or abs(value) >= SMALLEST_NUMBER else None


def _date(value: Any) -> date | None:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _datetime(value: Any) -> datetime | None:
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _set(value: Any) -> list[Any] | None:
    return value if isinstance(value, list) else None


_ACCEPTS: dict[Type, Callable[[Any], Any]] = {
    Type.TEXT: _text,
    Type.NUMBER: _number,
    Type.BOOLEAN: _boolean,
    Type.DATE: _date,
    Type.DATETIME: _datetime,
    Type.SET: _set,
}
