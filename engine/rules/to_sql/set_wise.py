"""The shape for everybody: semi-joins for finding an item, one GROUP BY for folding a list up.

Where all matches are asked for, a GROUP BY that each must pass is materialized: PostgreSQL would
work it out again in every parallel worker, which on two cores is three times the work and half
again the time. For a page of matches it is not, so that only the groups of that page are read.
Below an `or` it is a sub-query of EXISTS: PostgreSQL hashes it when it fits into memory and looks
at one contact at a time when it does not, where `IN` would compare all with all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import CTE, ColumnElement, Subquery, and_, exists, or_, select

from engine.rules import ir
from engine.rules.to_sql.binding import Binding, Scope
from engine.rules.to_sql.having import Having
from engine.rules.to_sql.one_list import Footings, holds_without_items
from engine.rules.to_sql.per_record import PerRecord


class SetWise(PerRecord):
    def __init__(self, binding: Binding, now: datetime, zone: str, *, materialized: bool) -> None:
        super().__init__(binding, now, zone)
        self._materialized = materialized
        self._footings = Footings()

    def whole(self, root: ir.Predicate) -> ColumnElement[bool]:
        """The rule itself: what each record must meet."""
        parts = self._footings.merged(ir.And, _flat(root), self.source)
        return and_(*map(self._must, parts))

    def _must(self, part: ir.Predicate) -> ColumnElement[bool]:
        name = self._footings.list_to_fold(part)
        if name is None:
            return self.holds(part, self.binding.root)
        return self._folded_up(part, name, required=True)

    def holds(self, node: ir.Predicate, scope: Scope) -> ColumnElement[bool]:
        name = self._footings.list_to_fold(node)
        if name is not None:
            return self._folded_up(node, name, required=False)
        match node:
            case ir.And(parts):
                together = self._footings.merged(ir.And, parts, self.source)
                return and_(*(self.holds(part, scope) for part in together))
            case ir.Or(parts):
                together = self._footings.merged(ir.Or, parts, self.source)
                return or_(*(self.holds(part, scope) for part in together))
        return super().holds(node, scope)

    def fails(self, node: ir.Predicate, scope: Scope) -> ColumnElement[bool]:
        match node:
            case ir.And(parts):
                return self.holds(ir.Or(tuple(map(ir.Not, parts))), scope)
            case ir.Or(parts):
                return self.holds(ir.And(tuple(map(ir.Not, parts))), scope)
        if self._footings.list_to_fold(node) is not None:
            return self.holds(ir.Not(node), scope)
        return super().fails(node, scope)

    def _folded_up(self, node: ir.Predicate, name: str, *, required: bool) -> ColumnElement[bool]:
        """Membership in the groups of a list; what holds for no items at all is the complement of
        the groups for which it fails.
        """
        empty_too = holds_without_items(node, self.now, self.zone)
        having = Having(self.binding, self.now, self.zone, self.source(ir.Items(name)))
        owners = having.owners(ir.Not(node) if empty_too else node)
        if required and not empty_too and not self._materialized:
            return self.binding.key.in_(owners)
        groups: CTE | Subquery = owners.subquery()
        if required and self._materialized:
            groups = owners.cte().prefix_with("MATERIALIZED")
        if required and not empty_too:
            return self.binding.key.in_(select(groups.c.owner))
        among = exists().where(groups.c.owner == self.binding.key).correlate(self.table)
        return ~among if empty_too else among


def _flat(node: ir.Predicate) -> Iterator[ir.Predicate]:
    """The conditions that must all hold, however they are nested."""
    match node:
        case ir.And(parts):
            for part in parts:
                yield from _flat(part)
        case ir.Not(ir.Or(parts)):
            for part in parts:
                yield from _flat(ir.Not(part))
        case ir.Not(ir.Not(part)):
            yield from _flat(part)
        case _:
            yield node
