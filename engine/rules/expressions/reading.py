"""The facts an expression reads, as JSON: only what it names, the way a rule would read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.rules import ir
from engine.rules.checked import Money
from engine.rules.evaluate import Instants, Predicates, ValueOf
from engine.rules.moments import Resolve, resolver
from engine.rules.rule import Facts

Readable = ir.Value | Money
# By path as it was written: "contact.score".
Paths = Mapping[str, Readable]


@dataclass(frozen=True, slots=True)
class Reader:
    """Makes the data of an expression from facts. Nothing else of them is looked at."""

    _values: tuple[tuple[tuple[str, ...], ValueOf], ...]
    _lists: tuple[tuple[str, tuple[tuple[tuple[str, ...], ValueOf], ...]], ...]
    _resolvers: tuple[Resolve, ...]

    def data(self, facts: Facts, now: datetime, zone: str) -> dict[str, Any]:
        """Facts as JSON with texts for times. Whatever is absent is null."""
        instants = tuple(resolve(now, zone) for resolve in self._resolvers)
        found = _record(facts, self._values, instants)
        for name, fields in self._lists:
            found[name] = [_record(item, fields, instants) for item in facts.get(name) or ()]
        return found


def reader(values: Paths, lists: Mapping[str, Paths]) -> Reader:
    compiler = Predicates()
    compiled = _compiled(values, compiler)
    of_lists = tuple((name, _compiled(fields, compiler)) for name, fields in lists.items())
    return Reader(compiled, of_lists, tuple(map(resolver, compiler.moments)))


def _compiled(paths: Paths, compiler: Predicates) -> tuple[tuple[tuple[str, ...], ValueOf], ...]:
    return tuple((tuple(path.split(".")), _value(node, compiler)) for path, node in paths.items())


def _value(node: Readable, compiler: Predicates) -> ValueOf:
    if not isinstance(node, Money):
        return compiler.value(node)
    minor, currency = compiler.value(node.minor), compiler.value(node.currency)

    def amount(record: Any, instants: Any) -> Any:
        found = {"minor": minor(record, instants), "currency": currency(record, instants)}
        return None if found["minor"] is None else found

    return amount


def _record(
    record: Any, values: tuple[tuple[tuple[str, ...], ValueOf], ...], instants: Instants
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path, value_of in values:
        inner = found
        for name in path[:-1]:
            # an amount that is absent, and read by its parts too
            if not isinstance(inner.get(name), dict):
                inner[name] = {}
            inner = inner[name]
        inner[path[-1]] = as_json(value_of(record, instants))
    return found


def as_json(value: Any) -> Any:
    """A fact as JSON has it."""
    match value:
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case list() | tuple() | set() | frozenset():
            return [as_json(one) for one in value]
        case _:
            return value
