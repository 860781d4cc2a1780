"""Why a rule holds or does not: every condition with its truth and the values it read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.rules import ir
from engine.rules.evaluate import Predicates, Record
from engine.rules.moments import resolver


@dataclass(frozen=True, slots=True)
class Reading:
    """A value that a condition looked at; `value` is None when it was absent.

    For a condition on the items of a list, `value` is how many of them matched and `among` how many
    there were.
    """

    node: ir.Value | ir.Items
    value: Any
    among: int | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """One condition of the rule. Its truth is what `Rule.holds` found at this place, not a second
    opinion.
    """

    node: ir.Predicate
    truth: bool
    readings: tuple[Reading, ...] = ()
    children: tuple[Explained, ...] = ()


Explain = Callable[[Record, Any], Explained]
Read = Callable[[Record, Any], Reading]
Explainer = Callable[[Record, datetime, str], Explained]


def explainer(rule: ir.Predicate) -> Explainer:
    """Compiled once, asked about many: the tree of the rule's conditions over given facts."""
    compiler = Predicates()
    look = _explainer(rule, compiler)
    resolvers = tuple(resolver(moment) for moment in compiler.moments)

    def explain(facts: Record, now: datetime, zone: str) -> Explained:
        return look(facts, tuple(resolve(now, zone) for resolve in resolvers))

    return explain


def _explainer(node: ir.Predicate, compiler: Predicates) -> Explain:
    test = compiler.predicate(node)
    children = [_explainer(part, compiler) for part in parts_of(node)]
    readings = [_reader(value, compiler) for value in _looked_at(node)]

    def look(record: Record, instants: Any) -> Explained:
        return Explained(
            node,
            test(record, instants),
            tuple(read(record, instants) for read in readings),
            tuple(child(record, instants) for child in children),
        )

    return look


def parts_of(node: ir.Predicate) -> tuple[ir.Predicate, ...]:
    """The conditions that a condition on the same record is made of."""
    match node:
        case ir.And(parts) | ir.Or(parts):
            return parts
        case ir.Not(part):
            return (part,)
        case ir.Either(test, then, otherwise):
            return test, then, otherwise
        case _:
            return ()


def _looked_at(node: ir.Predicate) -> Iterator[ir.Value | ir.Items | ir.Quantified]:
    match node:
        case ir.Compare():
            yield from _leaves(node.left)
            yield from _leaves(node.right)
        case ir.Has():
            yield node.set
        case ir.IsSet(value=ir.Items() as items):
            yield items
        case ir.IsSet(value=value):
            yield from _leaves(value)  # type: ignore[arg-type]  # lists were handled above
        case ir.IsTrue() | ir.Within() | ir.ComesRound() | ir.OneOf() | ir.TextTest():
            yield from _leaves(node.value)
        case ir.Quantified():
            yield node


def _leaves(value: ir.Value) -> Iterator[ir.Value]:
    """The parts of a value that come from the facts; arithmetic is followed down to them."""
    match value:
        case ir.Field() | ir.Count() | ir.Aggregate():
            yield value
        case ir.Arithmetic():
            yield from _leaves(value.left)
            yield from _leaves(value.right)
        case ir.Choice():
            yield from _leaves(value.then)
            yield from _leaves(value.otherwise)


def _reader(node: ir.Value | ir.Items | ir.Quantified, compiler: Predicates) -> Read:
    if isinstance(node, ir.Items):
        whole = compiler.value(ir.Count(node, ir.TRUE))
        return lambda record, instants: Reading(node, whole(record, instants))
    if isinstance(node, ir.Quantified):
        items = node.items
        matching = compiler.value(ir.Count(items, node.where))
        return lambda record, instants: Reading(
            items, matching(record, instants), len(record.get(items.name) or ())
        )
    value = compiler.value(node)
    return lambda record, instants: Reading(node, value(record, instants))
