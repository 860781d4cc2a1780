"""The reason a rule gave, as the journal keeps it."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from engine.rules import Explained, Reading, ir

# A journal row is kept for years and read by people; longer texts are cut.
LONGEST_VALUE: Final = 200


def as_document(explained: Explained) -> dict[str, Any]:
    """The rule's truth with every condition and the values it read, as plain JSON.

    `truth`, the kind of `test`, what it `read` by name, and the `parts` of a condition that has
    some. Instants and dates are ISO 8601; None is a fact that was absent.
    """
    document: dict[str, Any] = {"truth": explained.truth, "test": type(explained.node).__name__}
    if explained.readings:
        document["read"] = [_read(reading) for reading in explained.readings]
    if explained.children:
        document["parts"] = [as_document(child) for child in explained.children]
    return document


def _read(reading: Reading) -> dict[str, Any]:
    read: dict[str, Any] = {"fact": _fact_name(reading.node), "value": _plain(reading.value)}
    if reading.among is not None:
        read["among"] = reading.among
    return read


def _fact_name(node: ir.Value | ir.Items) -> str:
    match node:
        case ir.Field(path=path):
            return ".".join(path)
        case ir.Items(name=name):
            return name
        case ir.Count(items=items):
            return f"count {items.name}"
        case ir.Aggregate(function=function, items=items, value=ir.Field(path=path)):
            return f"{function} {items.name}.{'.'.join(path)}"
        case ir.Aggregate(function=function, items=items):
            return f"{function} {items.name}"
        case _:
            return type(node).__name__.lower()


def _plain(value: Any) -> Any:
    match value:
        case date():
            return value.isoformat()
        case str():
            return value[:LONGEST_VALUE]
        case set() | frozenset():
            return sorted(map(str, value))
        case _:
            return value
