"""Conditions about one list as one GROUP BY: which owners' items make the condition true."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, true

from engine.rules import ir
from engine.rules.to_sql.binding import Binding, ListSource, Scope, SetSource
from engine.rules.to_sql.one_list import looked_at
from engine.rules.to_sql.predicates import Predicates

_NO_RECORD = Scope({})


class Having(Predicates):
    """Compiles a condition about the items of one list into the HAVING of a query over it."""

    def __init__(self, binding: Binding, now: datetime, zone: str, source: ListSource) -> None:
        super().__init__(binding, now, zone)
        self._source = source
        self._shared: ir.Predicate | None = None

    def owners(self, node: ir.Predicate) -> Select[int]:
        """The owners of items for whom the condition holds.

        Owners without any item that the condition looks at are not among them, whatever it says.
        """
        wheres = looked_at(node)
        # what every aggregate asks of its rows stands once, in WHERE
        self._shared = wheres[0] if len(wheres) == 1 else None
        matters = true() if ir.TRUE in wheres else or_(*map(self._of_items, wheres))
        owner = self._source.owner
        query = select(owner.label("owner")).select_from(self._source.table).where(matters)
        if getattr(owner, "nullable", True):
            query = query.where(owner.is_not(None))
        return query.group_by(owner).having(self.holds(node, _NO_RECORD))

    def folded(self, node: ir.Count | ir.Aggregate) -> ColumnElement[Any]:
        picked = None if node.where == self._shared else self._of_items(node.where)
        return self.folded_up(node, self._source.scope, picked)

    def quantified(self, node: ir.Quantified) -> ColumnElement[bool]:
        match node.quantifier:
            case "some":
                return self._any(node.where).is_(True)
            case "none":
                return self._any(node.where).is_not(True)
            case "every":
                # a group has an item, so there is something for the condition to hold for
                return self._any(ir.Not(node.where)).is_not(True)

    def held(self, source: SetSource, matching: ColumnElement[bool]) -> ColumnElement[bool]:
        raise AssertionError(
            f"{source} belongs to a record, not to the items of a list: {matching}"
        )

    def _any(self, where: ir.Predicate) -> ColumnElement[bool]:
        found: ColumnElement[bool] = func.bool_or(self._of_items(where))
        return found

    def _of_items(self, where: ir.Predicate) -> ColumnElement[bool]:
        return self.holds(where, self._source.scope)
