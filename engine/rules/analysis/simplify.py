"""The same condition in fewer kinds of parts, so that the search meets only what it can weigh.

What is written here is exact: the result is true of the same facts as the rule.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.rules import ir
from engine.rules.types import Type

FALSE = ir.Constant(False)
_NONE = ir.Literal(Type.NUMBER, 0)
_ONE = ir.Literal(Type.NUMBER, 1)
_ORDER: dict[ir.Comparison, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_FLIPPED: dict[ir.Comparison, ir.Comparison] = {
    "==": "==",
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
}


def simplify(node: ir.Predicate) -> ir.Predicate:
    """Quantifiers become counts, sets are asked for one text at a time, choices become cases."""
    match node:
        case ir.And(parts):
            return ir.And(tuple(map(simplify, parts)))
        case ir.Or(parts):
            return ir.Or(tuple(map(simplify, parts)))
        case ir.Not(part):
            return ir.Not(simplify(part))
        case ir.Either(test, then, otherwise):
            return _either(simplify(test), simplify(then), simplify(otherwise))
        case ir.Quantified():
            return _quantified(node)
        case ir.Has(held, wanted, every) if len(wanted) > 1:
            each = tuple(ir.Has(held, (one,)) for one in wanted)
            return ir.And(each) if every else ir.Or(each)
        case ir.IsSet(value=ir.Items() as items):
            return ir.Compare(">=", ir.Count(items, ir.TRUE), _ONE)
        case ir.Compare():
            return _compare(node)
        case ir.Within(value=ir.Choice() as choice) | ir.OneOf(value=ir.Choice() as choice):
            return _chosen(choice, lambda value: replace(node, value=value))
        case _:
            return node


def _either(test: ir.Predicate, then: ir.Predicate, otherwise: ir.Predicate) -> ir.Predicate:
    return ir.Or((ir.And((test, then)), ir.And((ir.Not(test), otherwise))))


def _chosen(choice: ir.Choice, about: Callable[[ir.Value], ir.Predicate]) -> ir.Predicate:
    then, otherwise = simplify(about(choice.then)), simplify(about(choice.otherwise))
    return _either(simplify(choice.test), then, otherwise)


def _quantified(node: ir.Quantified) -> ir.Predicate:
    some = ir.Compare(">=", ir.Count(node.items, node.where), _ONE)
    match node.quantifier:
        case "some":
            return some
        case "none":
            return ir.Compare("==", ir.Count(node.items, node.where), _NONE)
        case "every":
            others = ir.Count(node.items, ir.Not(node.where))
            there = ir.Compare(">=", ir.Count(node.items, ir.TRUE), _ONE)
            return ir.And((there, ir.Compare("==", others, _NONE)))


def _compare(node: ir.Compare) -> ir.Predicate:
    match node:
        case ir.Compare(left=ir.Choice() as choice):
            return _chosen(choice, lambda value: replace(node, left=value))
        case ir.Compare(right=ir.Choice() as choice):
            return _chosen(choice, lambda value: replace(node, right=value))
        case ir.Compare(sign, ir.Literal() as left, ir.Literal() as right) if (
            left.type is right.type
        ):
            return ir.Constant(_ORDER[sign](left.value, right.value))
        case ir.Compare(sign, ir.Literal() | ir.Moment() as left, right) if not isinstance(
            right, ir.Literal | ir.Moment
        ):
            return ir.Compare(_FLIPPED[sign], right, left)
        case _:
            return node
