"""Closures of many rules that share what they compute for one event."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from engine.rules import ir
from engine.rules.evaluate import Predicates, ValueOf
from engine.rules.index.limits import Age, Measured
from engine.rules.moments import Resolve, resolver


class Instants(dict[int, "date | datetime"]):
    """The moments of many rules for one now and zone, each worked out when first asked for.

    `computed` holds values of the record at hand, and must be emptied for the next one.
    """

    __slots__ = ("_resolvers", "computed", "now", "zone")

    def __init__(self, resolvers: list[Resolve], now: datetime, zone: str) -> None:
        super().__init__()
        self._resolvers = resolvers
        self.now = now
        self.zone = zone
        self.computed: dict[int, Any] = {}

    def __missing__(self, place: int) -> date | datetime:
        found = self[place] = self._resolvers[place](self.now, self.zone)
        return found


class SharingPredicates(Predicates):
    """Compiles conditions of many rules into closures over the same `Instants`; what walks a list
    is computed once per record, however many rules compare it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.resolvers: list[Resolve] = []
        self._shared: dict[ir.Value, ValueOf] = {}

    def number_of(self, moment: ir.Moment) -> int:
        number = super().number_of(moment)
        if number == len(self.resolvers):
            self.resolvers.append(resolver(moment))
        return number

    def value(self, node: ir.Value) -> ValueOf:
        if not isinstance(node, ir.Count | ir.Aggregate):
            return super().value(node)
        if (known := self._shared.get(node)) is None:
            known = self._shared[node] = _once(super().value(node), len(self._shared))
        return known

    def measured(self, node: Measured) -> ValueOf:
        """The closure for a value or its age."""
        if not isinstance(node, Age):
            return self.value(node)
        inner = self.value(node.of)

        def age(record: Any, instants: Any) -> Any:
            value = inner(record, instants)
            return None if value is None else instants.now - value

        return age


def is_cheap(node: Measured) -> bool:
    """Whether reading the value costs no more than an operation or two on a set of rules."""
    match node:
        case Age(of=value):
            return is_cheap(value)
        case ir.Arithmetic(left=left, right=right):
            return is_cheap(left) and is_cheap(right)
        case _:
            return isinstance(node, ir.Field | ir.Literal | ir.Moment)


def _once(value_of: ValueOf, number: int) -> ValueOf:
    def once(record: Any, instants: Any) -> Any:
        computed = instants.computed
        if number not in computed:
            computed[number] = value_of(record, instants)
        return computed[number]

    return once
