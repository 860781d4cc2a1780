"""What checking a part of a rule gives: a piece of IR, or one of two things that exist only while
checking.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.rules import ir
from engine.rules.types import Type


@dataclass(frozen=True, slots=True)
class Money:
    """An amount and its currency; comparisons split it before it reaches the IR."""

    minor: ir.Value
    currency: ir.Value


@dataclass(frozen=True, slots=True)
class Null:
    """The literal null, which only `==` and `!=` understand (as is_empty and is_set)."""


Checked = ir.Node | Money | Null


def is_predicate(node: Checked) -> bool:
    return isinstance(node, ir.PREDICATES)


def type_of(node: Checked) -> Type | None:
    """The static type; predicates are boolean, null has none."""
    match node:
        case Money():
            return Type.MONEY
        case Null():
            return None
        case (
            ir.Literal()
            | ir.Moment()
            | ir.Field()
            | ir.Choice()
            | ir.Arithmetic()
            | ir.Count()
            | ir.Aggregate()
            | ir.Items()
        ):
            return ir.value_type(node)
        case _:
            return Type.BOOLEAN


def described(node: Checked) -> str:
    """The kind of thing a node is, in words for a message."""
    if isinstance(node, Null):
        return "null"
    if is_predicate(node):
        return "a condition"
    if isinstance(node, ir.Items):
        return "a list"
    return f"a {type_of(node)}"
