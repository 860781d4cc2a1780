"""Conditions as SQL, in pairs: `holds` is TRUE exactly where the condition is true, `fails` exactly
where it is false.

A negation is never `NOT (...)` over something that may be NULL: it is pushed down to the leaves,
and only there does the complement ask for NULL. Either of the pair may be NULL where it is not
TRUE, which WHERE and CASE treat alike, so the plain branches keep their indexes.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from engine.rules import ir
from engine.rules.rule import Rule
from engine.rules.to_sql.binding import Binding, Scope, SetSource
from engine.rules.to_sql.literals import typed
from engine.rules.to_sql.properties import property_is_empty, property_is_set
from engine.rules.to_sql.values import Values, is_text
from engine.rules.types import Type

_SIGNS: dict[ir.Comparison, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OPPOSITES: dict[ir.Comparison, Callable[[Any, Any], Any]] = {
    "==": operator.ne,
    "<": operator.ge,
    "<=": operator.gt,
    ">": operator.le,
    ">=": operator.lt,
}


def condition(
    rule: Rule, binding: Binding, now: datetime, zone: str = "UTC"
) -> ColumnElement[bool]:
    """The rule as a WHERE clause over the table of `binding.key`; raises NotInSql for what no
    column holds.

    The rows it lets through are those whose facts `rule.holds` accepts at the same now and zone.
    """
    return Predicates(binding, now, zone).holds(rule.root, binding.root)


class Predicates(Values):
    def holds(self, node: ir.Predicate, scope: Scope) -> ColumnElement[bool]:
        match node:
            case ir.Constant(truth):
                return true() if truth else false()
            case ir.IsTrue():
                return self.value(node.value, scope).is_(True)
            case ir.And(parts):
                return and_(*(self.holds(part, scope) for part in parts))
            case ir.Or(parts):
                return or_(*(self.holds(part, scope) for part in parts))
            case ir.Not(part):
                return self.fails(part, scope)
            case ir.Either(test, then, other):
                chosen = self.holds(then, scope)
                return case((self.holds(test, scope), chosen), else_=self.holds(other, scope))
            case ir.Compare():
                return self._compare(node, scope)
            case ir.Within() | ir.OneOf() | ir.TextTest():
                return self._test(node, scope)
            case ir.Has():
                return self._has(node, scope)
            case ir.IsSet():
                return self._is_set(node, scope)
            case ir.Quantified():
                return self._quantified(node)

    def fails(self, node: ir.Predicate, scope: Scope) -> ColumnElement[bool]:
        match node:
            case ir.Constant(truth):
                return false() if truth else true()
            case ir.IsTrue():
                return self.value(node.value, scope).is_not(True)
            case ir.And(parts):
                return or_(*(self.fails(part, scope) for part in parts))
            case ir.Or(parts):
                return and_(*(self.fails(part, scope) for part in parts))
            case ir.Not(part):
                return self.holds(part, scope)
            case ir.Either(test, then, other):
                chosen = self.fails(then, scope)
                return case((self.holds(test, scope), chosen), else_=self.fails(other, scope))
            case ir.Compare():
                return self._compare_fails(node, scope)
            case ir.Within() | ir.OneOf() | ir.TextTest():
                opposite = not_(self._test(node, scope))
                if not self.may_be_null(node.value, scope):
                    return opposite
                return or_(self.value(node.value, scope).is_(None), opposite)
            case ir.Has():
                return self._has_fails(node, scope)
            case ir.IsSet():
                return self._is_unset(node, scope)
            case ir.Quantified():
                return not_(self._quantified(node))

    def _compare(self, node: ir.Compare, scope: Scope) -> ColumnElement[bool]:
        grouped = self._grouped(node)
        return grouped if grouped is not None else self._sides(node, scope, _SIGNS)

    def _compare_fails(self, node: ir.Compare, scope: Scope) -> ColumnElement[bool]:
        grouped = self._grouped(node)
        if grouped is not None:
            return not_(grouped)
        absent = [
            self.value(side, scope).is_(None)
            for side in (node.left, node.right)
            if self.may_be_null(side, scope)
        ]
        return or_(self._sides(node, scope, _OPPOSITES), *absent)

    def _sides(
        self,
        node: ir.Compare,
        scope: Scope,
        signs: dict[ir.Comparison, Callable[[Any, Any], Any]],
    ) -> ColumnElement[bool]:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        if node.operator != "==" and is_text(node.left):
            # code-point order, whatever the database's own language
            left, right = left.collate("C"), right.collate("C")
        result: ColumnElement[bool] = signs[node.operator](left, right)
        return result

    def _grouped(self, node: ir.Compare) -> ColumnElement[bool] | None:
        """A count or sum against a constant: one GROUP BY over the list instead of a look per
        record.
        """
        if not isinstance(node.left, ir.Count | ir.Aggregate):
            return None
        if not isinstance(node.right, ir.Literal | ir.Moment):
            return None
        source = self.source(node.left.items)
        constant = self.constant(node.right)
        whole = self.folded_up(node.left, source.scope)
        from_zero = isinstance(node.left, ir.Count) or node.left.function == "sum"
        holds_when_empty = from_zero and _SIGNS[node.operator](0, constant)
        sign = (_OPPOSITES if holds_when_empty else _SIGNS)[node.operator]
        groups = (
            select(source.owner.label("owner"))
            .select_from(source.table)
            .where(self.holds(node.left.where, source.scope))
            .group_by(source.owner)
            .having(sign(whole, typed(constant)))
        )
        if not holds_when_empty:
            return self.binding.key.in_(groups.where(source.owner.is_not(None)))
        found = groups.subquery()
        return ~exists().where(found.c.owner == self.binding.key).correlate(_table(self.binding))

    def _test(self, node: ir.Within | ir.OneOf | ir.TextTest, scope: Scope) -> ColumnElement[bool]:
        value = self.value(node.value, scope)
        match node:
            case ir.Within():
                if is_text(node.value):
                    value = value.collate("C")
                high = typed(self.constant(node.high))
                below = value <= high if node.closed else value < high
                return and_(value >= typed(self.constant(node.low)), below)
            case ir.OneOf():
                return value.in_([typed(option) for option in node.options])
            case ir.TextTest(test="contains"):
                return func.strpos(value, typed(node.text)) > 0
            case ir.TextTest(test="starts_with"):
                return func.starts_with(value, typed(node.text))
            case ir.TextTest():
                return func.right(value, len(node.text)) == typed(node.text)

    def _has(self, node: ir.Has, scope: Scope) -> ColumnElement[bool]:
        source = scope.sets.get(node.set.path)
        if source is None:
            return self._json_has(node, scope)
        if not node.every:
            return self._held(source, source.value.in_(list(map(typed, node.wanted))))
        return and_(*(self._held(source, source.value == typed(one)) for one in node.wanted))

    def _has_fails(self, node: ir.Has, scope: Scope) -> ColumnElement[bool]:
        holds = self._has(node, scope)
        if node.set.path in scope.sets:
            return not_(holds)
        return or_(self.value(node.set, scope).is_(None), not_(holds))

    def _held(self, source: SetSource, matching: ColumnElement[bool]) -> ColumnElement[bool]:
        return (
            exists()
            .select_from(source.table)
            .where(source.owner == self.binding.key, matching)
            .correlate(_table(self.binding))
        )

    def _json_has(self, node: ir.Has, scope: Scope) -> ColumnElement[bool]:
        held = self.value(node.set, scope)
        test = "?&" if node.every else "?|"
        return held.op(test, is_comparison=True)(literal(list(node.wanted), ARRAY(Text())))

    def _is_set(self, node: ir.IsSet, scope: Scope) -> ColumnElement[bool]:
        if isinstance(node.value, ir.Items):
            return self._any_of(node.value, ir.TRUE)
        kind = ir.value_type(node.value)
        if isinstance(node.value, ir.Field) and node.value.path in scope.sets:
            return self._held(scope.sets[node.value.path], true())
        value = self.value(node.value, scope)
        match kind:
            case Type.TEXT:
                return value != typed("")
            case Type.PROPERTY:
                return property_is_set(value)
            case Type.SET:
                return func.jsonb_array_length(value) > 0
            case _:
                return value.is_not(None)

    def _is_unset(self, node: ir.IsSet, scope: Scope) -> ColumnElement[bool]:
        kept_as_rows = isinstance(node.value, ir.Items) or (
            isinstance(node.value, ir.Field) and node.value.path in scope.sets
        )
        if kept_as_rows:
            return not_(self._is_set(node, scope))
        assert not isinstance(node.value, ir.Items)
        value = self.value(node.value, scope)
        match ir.value_type(node.value):
            case Type.TEXT:
                return or_(value.is_(None), value == typed(""))
            case Type.PROPERTY:
                return property_is_empty(value)
            case Type.SET:
                return or_(value.is_(None), func.jsonb_array_length(value) == 0)
            case _:
                return value.is_(None)

    def _quantified(self, node: ir.Quantified) -> ColumnElement[bool]:
        """TRUE or FALSE, never NULL, so its complement is a plain NOT."""
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
            .correlate(_table(self.binding))
        )


def _table(binding: Binding) -> Any:
    return binding.key.table
