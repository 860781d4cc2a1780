"""Closures for value expressions."""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable
from decimal import Context, Decimal
from functools import reduce
from typing import Any

from engine.rules import ir
from engine.rules.evaluate.reading import Test, ValueOf, read

_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}

# Wide enough for the sum of the largest and the smallest number that arithmetic in a rule can make.
_EXACT = Context(prec=1_000)


def _decimal(number: float) -> Decimal:
    return Decimal(repr(float(number)))


def _decimal_total(numbers: list[Any]) -> float:
    # decimal sums come out the same in any order, so the database's plan cannot change them
    return float(reduce(_EXACT.add, map(_decimal, numbers), Decimal(0)))


def _total_of(value: ir.Value) -> Callable[[list[Any]], float]:
    """How such values are added up."""
    # built-in number fields are whole, and money counts in the smallest unit
    whole = isinstance(value, ir.Field) and not value.dynamic
    return sum if whole else _decimal_total


class Values(ABC):
    """Compiles values; moments are numbered as they are met and handed in as `instants` when a rule
    runs.
    """

    def __init__(self) -> None:
        self.moments: dict[ir.Moment, int] = {}

    @abstractmethod
    def predicate(self, node: ir.Predicate) -> Test: ...

    def number_of(self, moment: ir.Moment) -> int:
        """The place of a moment among the instants."""
        return self.moments.setdefault(moment, len(self.moments))

    def value(self, node: ir.Value) -> ValueOf:
        match node:
            case ir.Literal():
                constant = node.value
                return lambda _, __: constant
            case ir.Moment():
                place = self.number_of(node)
                return lambda _, instants: instants[place]
            case ir.Field():
                return read(node)
            case ir.Arithmetic():
                return self._arithmetic(node)
            case ir.Choice():
                test, then, other = (
                    self.predicate(node.test),
                    self.value(node.then),
                    self.value(node.otherwise),
                )
                return lambda record, instants: (then if test(record, instants) else other)(
                    record, instants
                )
            case ir.Count():
                return self._count(node)
            case ir.Aggregate(function="sum"):
                return self._sum(node)
            case ir.Aggregate(function="avg"):
                return self._average(node)
            case ir.Aggregate():
                return self._extreme(node)

    def _arithmetic(self, node: ir.Arithmetic) -> ValueOf:
        left, right = self.value(node.left), self.value(node.right)
        if node.sign == "/":

            def divide(record: Any, instants: Any) -> Any:
                dividend, divisor = left(record, instants), right(record, instants)
                if dividend is None or not divisor:
                    return None
                # doubles, as in SQL; whole numbers beyond 2^53 would divide more exactly
                return float(dividend) / float(divisor)

            return divide
        compute = _SIGNS[node.sign]

        if isinstance(node.right, ir.Literal):
            constant = float(node.right.value)  # type: ignore[arg-type]  # arithmetic is on numbers

            def with_constant(record: Any, instants: Any) -> Any:
                a = left(record, instants)
                return None if a is None else compute(float(a), constant)

            return with_constant

        def combine(record: Any, instants: Any) -> Any:
            a, b = left(record, instants), right(record, instants)
            # doubles throughout, as in SQL
            return None if a is None or b is None else compute(float(a), float(b))

        return combine

    def _count(self, node: ir.Count) -> ValueOf:
        name = node.items.name
        if node.where == ir.TRUE:
            return lambda record, _: len(record.get(name) or ())
        test = self.predicate(node.where)

        def count(record: Any, instants: Any) -> int:
            number = 0
            for item in record.get(name) or ():
                if test(item, instants):
                    number += 1
            return number

        return count

    def _picked(self, node: ir.Aggregate) -> Callable[[Any, Any], list[Any]]:
        name, value, test = node.items.name, self.value(node.value), self.predicate(node.where)

        def picked(record: Any, instants: Any) -> list[Any]:
            found = []
            for item in record.get(name) or ():
                if test(item, instants):
                    one = value(item, instants)
                    if one is not None:
                        found.append(one)
            return found

        return picked

    def _sum(self, node: ir.Aggregate) -> ValueOf:
        picked, total = self._picked(node), _total_of(node.value)
        return lambda record, instants: total(picked(record, instants))

    def _average(self, node: ir.Aggregate) -> ValueOf:
        picked, total = self._picked(node), _total_of(node.value)

        def average(record: Any, instants: Any) -> float | None:
            found = picked(record, instants)
            return float(total(found)) / len(found) if found else None

        return average

    def _extreme(self, node: ir.Aggregate) -> ValueOf:
        picked = self._picked(node)
        best: Callable[..., Any] = min if node.function == "min" else max
        return lambda record, instants: best(picked(record, instants), default=None)
