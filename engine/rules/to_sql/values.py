"""Value expressions as SQL. A value that is absent is NULL."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Double, Numeric, Text, case, cast, func

from engine.rules import ir
from engine.rules.moments import resolver
from engine.rules.to_sql.binding import Binding, ListSource, NotInSql, Scope
from engine.rules.to_sql.literals import typed
from engine.rules.to_sql.properties import read_property
from engine.rules.types import Type


class Values(ABC):
    """Compiles values for one `now` and zone; moments become constants."""

    def __init__(self, binding: Binding, now: datetime, zone: str) -> None:
        self.binding = binding
        self.now = now
        self.zone = zone

    @abstractmethod
    def holds(self, node: ir.Predicate, scope: Scope) -> ColumnElement[bool]: ...

    @abstractmethod
    def folded(self, node: ir.Count | ir.Aggregate) -> ColumnElement[Any]:
        """The aggregate of a list of the record at hand."""

    def constant(self, node: ir.Literal | ir.Moment) -> ir.Scalar:
        """The value of a literal, or of a moment at this now and zone."""
        if isinstance(node, ir.Literal):
            return node.value
        found: date | datetime = resolver(node)(self.now, self.zone)
        return found

    def value(self, node: ir.Value, scope: Scope) -> ColumnElement[Any]:
        match node:
            case ir.Literal() | ir.Moment():
                return typed(self.constant(node))
            case ir.Field():
                return self._field(node, scope)
            case ir.Arithmetic():
                return self._arithmetic(node, scope)
            case ir.Choice():
                then, other = self.value(node.then, scope), self.value(node.otherwise, scope)
                return case((self.holds(node.test, scope), then), else_=other)
            case ir.Count() | ir.Aggregate():
                return self.folded(node)

    def _field(self, node: ir.Field, scope: Scope) -> ColumnElement[Any]:
        if (column := scope.columns.get(node.path)) is not None:
            return column
        if (place := scope.in_document(node.path)) is not None:
            return read_property(*place, node.type)
        raise NotInSql(
            f'"{".".join(node.path)}" is not kept in a column, so no list can be made by it.'
        )

    def _arithmetic(self, node: ir.Arithmetic, scope: Scope) -> ColumnElement[Any]:
        left: ColumnElement[float] = cast(self.value(node.left, scope), Double())
        right: ColumnElement[float] = cast(self.value(node.right, scope), Double())
        match node.sign:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                # without a type of its own the quotient would pass through numeric and lose digits
                return left / func.nullif(right, typed(0.0), type_=Double())

    def source(self, items: ir.Items) -> ListSource:
        found = self.binding.lists.get(items.name)
        if found is None:
            raise NotInSql(f'The list "{items.name}" is not kept in a table.')
        return found

    def folded_up(
        self,
        node: ir.Count | ir.Aggregate,
        scope: Scope,
        picked: ColumnElement[bool] | None = None,
    ) -> ColumnElement[Any]:
        """The aggregate over the rows of a group, or over those of them that are `picked`."""

        def over(aggregate: Any) -> Any:
            return aggregate if picked is None else aggregate.filter(picked)

        if isinstance(node, ir.Count):
            return over(func.count())  # type: ignore[no-any-return]
        value = self.value(node.value, scope)
        match node.function:
            case "min":
                return over(func.min(value))  # type: ignore[no-any-return]
            case "max":
                return over(func.max(value))  # type: ignore[no-any-return]
            case "sum" if _is_whole(node.value):
                return func.coalesce(over(func.sum(value)), typed(0))
            case "sum":
                return cast(func.coalesce(over(func.sum(_exact(value))), typed(0)), Double())
            case "avg":
                added = over(func.sum(value if _is_whole(node.value) else _exact(value)))
                # the quotient of two doubles, as in memory; NULL over no value at all
                return cast(added, Double()) / cast(over(func.count(value)), Double())

    def may_be_null(self, node: ir.Value, scope: Scope) -> bool:
        """Whether the value can be absent; only then does a complement have to ask for NULL."""
        match node:
            case ir.Literal() | ir.Moment() | ir.Count():
                return False
            case ir.Aggregate():
                return node.function != "sum"
            case ir.Field():
                return node.path not in scope.never_null
            case ir.Arithmetic():
                parts = node.left, node.right
                return node.sign == "/" or any(self.may_be_null(part, scope) for part in parts)
            case ir.Choice():
                parts = node.then, node.otherwise
                return any(self.may_be_null(part, scope) for part in parts)


def _is_whole(value: ir.Value) -> bool:
    return isinstance(value, ir.Field) and not value.dynamic


def _exact(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Decimal sums are the same in any order; the text of a double is its shortest exact form."""
    return cast(cast(cast(value, Double()), Text()), Numeric())


def is_text(node: ir.Value) -> bool:
    return ir.value_type(node) is Type.TEXT
