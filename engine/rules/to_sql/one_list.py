"""Which parts of a condition are about one list alone, so that one GROUP BY can answer them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, get_args

from engine.rules import ir
from engine.rules.evaluate import Predicates
from engine.rules.moments import resolver
from engine.rules.to_sql.binding import ListSource

_NODES = get_args(ir.Node)


@dataclass(frozen=True, slots=True)
class Footing:
    """What the truth of a condition rests on: these lists, the record itself (`outside`).

    `folds` says that items must be counted, added up or all looked at; finding one is not enough.
    """

    lists: frozenset[str] = frozenset()
    outside: bool = False
    folds: bool = False

    def __or__(self, other: Footing) -> Footing:
        return Footing(
            self.lists | other.lists, self.outside or other.outside, self.folds or other.folds
        )


class Footings:
    """The footing of every node of a rule, each worked out once."""

    def __init__(self) -> None:
        # By identity; the node is kept so that its id is not given to another.
        self._known: dict[int, tuple[Any, Footing]] = {}

    def list_to_fold(self, node: ir.Predicate) -> str | None:
        """The only list that the condition reads, when it reads nothing else and folds it."""
        found = self._of(node)
        if found.outside or not found.folds or len(found.lists) != 1:
            return None
        return next(iter(found.lists))

    def _of(self, node: Any) -> Footing:
        if id(node) not in self._known:
            self._known[id(node)] = node, self._worked_out(node)
        return self._known[id(node)][1]

    def _worked_out(self, node: Any) -> Footing:
        match node:
            case ir.Field():
                return Footing(outside=True)
            case ir.Items(name):
                return Footing(frozenset({name}))
            case ir.Count(items) | ir.Aggregate(items=items):
                return Footing(frozenset({items.name}), folds=True)
            case ir.Quantified(quantifier, items):
                return Footing(frozenset({items.name}), folds=quantifier == "every")
        found = Footing()
        for part in _parts(node):
            found |= self._of(part)
        return found

    def merged(
        self,
        join: Callable[[tuple[ir.Predicate, ...]], ir.Predicate],
        parts: Iterable[ir.Predicate],
        source: Callable[[ir.Items], ListSource],
    ) -> list[ir.Predicate]:
        """The parts, those that one pass over a list can answer joined to one."""
        passes: dict[object, list[ir.Predicate]] = {}
        for part in parts:
            name = self.list_to_fold(part)
            # its place, for the same node may stand here twice
            key: object = len(passes)
            if name is not None:
                key = name, _found_by(part, source(ir.Items(name)))
            passes.setdefault(key, []).append(part)
        return [same[0] if len(same) == 1 else join(tuple(same)) for same in passes.values()]


def looked_at(node: ir.Predicate) -> tuple[ir.Predicate, ...]:
    """The conditions that pick out the items which can matter, each once."""
    return tuple(dict.fromkeys(_wheres(node)))


def holds_without_items(node: ir.Predicate, now: datetime, zone: str) -> bool:
    """Whether a condition about one list is true where the list is empty."""
    compiler = Predicates()
    test = compiler.predicate(node)
    return test({}, tuple(resolver(moment)(now, zone) for moment in compiler.moments))


def _found_by(node: ir.Predicate, source: ListSource) -> object:
    """What an index of the list finds the items by. Passes over different items stay apart."""
    return tuple(
        frozenset(
            (part.left.path, part.right.value)
            for part in (where.parts if isinstance(where, ir.And) else (where,))
            if isinstance(part, ir.Compare)
            and part.operator == "=="
            and isinstance(part.left, ir.Field)
            and part.left.path in source.indexed
            and isinstance(part.right, ir.Literal)
        )
        for where in (looked_at(node) if source.indexed else ())
    )


def _wheres(node: Any) -> Iterator[ir.Predicate]:
    match node:
        case ir.Items() | ir.Quantified(quantifier="every"):
            yield ir.TRUE
        case ir.Count(where=where) | ir.Aggregate(where=where) | ir.Quantified(where=where):
            yield where
        case _:
            for part in _parts(node):
                yield from _wheres(part)


def _parts(node: Any) -> Iterator[Any]:
    """The nodes directly below any node of the IR."""
    for field in fields(node):
        value = getattr(node, field.name)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, _NODES):
                yield one
