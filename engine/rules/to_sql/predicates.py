"""Conditions as SQL, in pairs: `holds` is TRUE exactly where the condition is true, `fails` exactly
where it is false.

A negation is never `NOT (...)` over something that may be NULL: it is pushed down to the leaves,
and only there does the complement ask for NULL. Either of the pair may be NULL where it is not
TRUE, which WHERE and CASE treat alike, so the plain branches keep their indexes.
"""

from __future__ import annotations

import operator
from abc import abstractmethod
from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    not_,
    or_,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from engine.local_time import days_of_the_year
from engine.rules import ir
from engine.rules.to_sql.binding import Scope, SetSource
from engine.rules.to_sql.in_documents import Condition, against_constants
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


class Predicates(Values):
    """What conditions mean, whatever the shape; the shapes say how lists are looked into."""

    @abstractmethod
    def quantified(self, node: ir.Quantified) -> ColumnElement[bool]:
        """TRUE or FALSE, never NULL, so its complement is a plain NOT."""

    @abstractmethod
    def held(self, source: SetSource, matching: ColumnElement[bool]) -> ColumnElement[bool]:
        """Whether a set kept as rows holds such a text; never NULL."""

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
                found = self._in_document(node, node.left, scope)
                return self._sides(node, scope, _SIGNS) if found is None else found
            case ir.Within() | ir.OneOf():
                found = self._in_document(node, node.value, scope)
                return self._test(node, scope) if found is None else found
            case ir.ComesRound() | ir.TextTest():
                return self._test(node, scope)
            case ir.Has():
                return self._has(node, scope)
            case ir.IsSet():
                return self._is_set(node, scope)
            case ir.Quantified():
                return self.quantified(node)

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
                found = self._in_document(node, node.left, scope)
                return self._compare_fails(node, scope) if found is None else found.is_not(True)
            case ir.Within() | ir.OneOf():
                found = self._in_document(node, node.value, scope)
                return self._test_fails(node, scope) if found is None else found.is_not(True)
            case ir.ComesRound() | ir.TextTest():
                return self._test_fails(node, scope)
            case ir.Has():
                return self._has_fails(node, scope)
            case ir.IsSet():
                return self._is_unset(node, scope)
            case ir.Quantified():
                return not_(self.quantified(node))

    def _in_document(
        self, node: Condition, value: ir.Value, scope: Scope
    ) -> ColumnElement[bool] | None:
        place = scope.in_document(value.path) if isinstance(value, ir.Field) else None
        return None if place is None else against_constants(node, *place)

    def _compare_fails(self, node: ir.Compare, scope: Scope) -> ColumnElement[bool]:
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

    def _test_fails(
        self, node: ir.Within | ir.ComesRound | ir.OneOf | ir.TextTest, scope: Scope
    ) -> ColumnElement[bool]:
        opposite = not_(self._test(node, scope))
        if not self.may_be_null(node.value, scope):
            return opposite
        return or_(self.value(node.value, scope).is_(None), opposite)

    def _test(
        self, node: ir.Within | ir.ComesRound | ir.OneOf | ir.TextTest, scope: Scope
    ) -> ColumnElement[bool]:
        value = self.value(node.value, scope)
        match node:
            case ir.Within():
                if is_text(node.value):
                    value = value.collate("C")
                high = typed(self.constant(node.high))
                below = value <= high if node.closed else value < high
                return and_(value >= typed(self.constant(node.low)), below)
            case ir.ComesRound():
                return self._comes_round(node, value)
            case ir.OneOf():
                return value.in_([typed(option) for option in node.options])
            case ir.TextTest(test="contains"):
                return func.strpos(value, typed(node.text)) > 0
            case ir.TextTest(test="starts_with"):
                return func.starts_with(value, typed(node.text))
            case ir.TextTest():
                return func.right(value, len(node.text)) == typed(node.text)

    def _comes_round(self, node: ir.ComesRound, value: ColumnElement[Any]) -> ColumnElement[bool]:
        first, last = self.constant(node.low), self.constant(node.high)
        assert isinstance(first, date)
        assert isinstance(last, date)
        place = cast(func.extract("month", value) * 100 + func.extract("day", value), Integer())
        ranges = days_of_the_year(first, last)
        return or_(*(place.between(low, high) for low, high in ranges))

    def _has(self, node: ir.Has, scope: Scope) -> ColumnElement[bool]:
        source = scope.sets.get(node.set.path)
        if source is None:
            return self._json_has(node, scope)
        if not node.every:
            return self.held(source, source.value.in_(list(map(typed, node.wanted))))
        return and_(*(self.held(source, source.value == typed(one)) for one in node.wanted))

    def _has_fails(self, node: ir.Has, scope: Scope) -> ColumnElement[bool]:
        holds = self._has(node, scope)
        if node.set.path in scope.sets:
            return not_(holds)
        return or_(self.value(node.set, scope).is_(None), not_(holds))

    def _json_has(self, node: ir.Has, scope: Scope) -> ColumnElement[bool]:
        held = self.value(node.set, scope)
        test = "?&" if node.every else "?|"
        return held.op(test, is_comparison=True)(literal(list(node.wanted), ARRAY(Text())))

    def _is_set(self, node: ir.IsSet, scope: Scope) -> ColumnElement[bool]:
        if isinstance(node.value, ir.Items):
            return self.quantified(ir.Quantified("some", node.value, ir.TRUE))
        kind = ir.value_type(node.value)
        if isinstance(node.value, ir.Field) and node.value.path in scope.sets:
            return self.held(scope.sets[node.value.path], true())
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
