"""The shape for one record, or a few: every list is looked up by the record's id."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, not_, select

from engine.rules import ir
from engine.rules.to_sql.binding import SetSource
from engine.rules.to_sql.predicates import Predicates


class PerRecord(Predicates):
    """Compiles questions about lists to EXISTS and correlated aggregates."""

    def folded(self, node: ir.Count | ir.Aggregate) -> ColumnElement[Any]:
        source = self.source(node.items)
        query = select(self.folded_up(node, source.scope)).select_from(source.table)
        query = query.where(source.owner == self.binding.key, self.holds(node.where, source.scope))
        return query.correlate(self.table).scalar_subquery()

    def quantified(self, node: ir.Quantified) -> ColumnElement[bool]:
        match node.quantifier:
            case "some":
                return self._any_of(node.items, node.where)
            case "none":
                return not_(self._any_of(node.items, node.where))
            case "every":
                return and_(
                    self._any_of(node.items, ir.TRUE),
                    not_(self._any_of(node.items, ir.Not(node.where))),
                )

    def _any_of(self, items: ir.Items, where: ir.Predicate) -> ColumnElement[bool]:
        source = self.source(items)
        matching = self.holds(where, source.scope)
        return (
            exists()
            .select_from(source.table)
            .where(source.owner == self.binding.key, matching)
            .correlate(self.table)
        )

    def held(self, source: SetSource, matching: ColumnElement[bool]) -> ColumnElement[bool]:
        return (
            exists()
            .select_from(source.table)
            .where(source.owner == self.binding.key, matching)
            .correlate(self.table)
        )

    @property
    def table(self) -> Any:
        return self.binding.key.table
