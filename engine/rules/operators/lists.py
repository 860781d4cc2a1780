"""Sets of texts, and the records that belong to a subject: does any, how many, how much."""

from __future__ import annotations

from dataclasses import replace

from engine.rules import ir
from engine.rules.check import Scope
from engine.rules.checked import Checked, described
from engine.rules.facts import LIST_KINDS
from engine.rules.operators.entry import Call, operator
from engine.rules.problems import shown, step_into
from engine.rules.types import Type

_ORDERS = {"var": "orders"}
_TAGS = {"var": "contact.tags"}
_PAID = {"==": [{"var": "status"}, "paid"]}
_ITEMS = {"var": "item_count"}


@operator("has", "has", "含有", takes=2, absent="false", example={"has": [_TAGS, "vip"]})
def has(call: Call) -> Checked | None:
    holder, wanted = call.value(0, Type.SET), call.text(1)
    if not isinstance(holder, ir.Field) or wanted is None:
        return None
    return ir.Has(holder, (wanted,))


@operator(
    "has_any",
    "has any of",
    "含有任一",
    takes=2,
    absent="false",
    example={"has_any": [_TAGS, ["vip", "press"]]},
)
def has_any(call: Call) -> Checked | None:
    return _has_several(call, every=False)


@operator(
    "has_all",
    "has all of",
    "含有全部",
    takes=2,
    absent="false",
    example={"has_all": [_TAGS, ["vip", "press"]]},
)
def has_all(call: Call) -> Checked | None:
    return _has_several(call, every=True)


def _has_several(call: Call, *, every: bool) -> ir.Predicate | None:
    holder = call.value(0, Type.SET)
    raw = call.raw(1)
    if not isinstance(raw, list | tuple) or not raw:
        call.problem("empty_group", f'"{call.name}" needs a list with at least one text.', 1)
        return None
    wanted: list[str] = []
    for position, item in enumerate(raw):
        place = step_into(call.place(1), position)
        literal = call.checker.node(item, call.scope, place)
        if isinstance(literal, ir.Literal) and isinstance(literal.value, str):
            wanted.append(literal.value)
        elif literal is not None:
            message = f"The list holds {shown(item)}, which is not a text."
            call.checker.problem(place, "wrong_type", message)
    if not isinstance(holder, ir.Field) or len(wanted) != len(raw):
        return None
    return ir.Has(holder, tuple(dict.fromkeys(wanted)), every)


def item_scope(items: ir.Items, scope: Scope) -> Scope:
    """Inside a list a rule reads the fields of one item and nothing else."""
    return replace(scope, item=LIST_KINDS[items.name])


def _quantified(call: Call, quantifier: ir.QuantifierName) -> ir.Predicate | None:
    items = call.items(0)
    if items is None:
        return None
    where = call.predicate(1, item_scope(items, call.scope))
    return None if where is None else ir.Quantified(quantifier, items, where)


@operator(
    "some", "some of", "至少一个", takes=2, absent="false", example={"some": [_ORDERS, _PAID]}
)
def some(call: Call) -> Checked | None:
    return _quantified(call, "some")


@operator("none", "none of", "没有一个", takes=2, absent="true", example={"none": [_ORDERS, _PAID]})
def none(call: Call) -> Checked | None:
    return _quantified(call, "none")


@operator("all", "all of the", "每一个", takes=2, absent="false", example={"all": [_ORDERS, _PAID]})
def every(call: Call) -> Checked | None:
    return _quantified(call, "every")


@operator(
    "count",
    "number of",
    "数量",
    takes=(1, 2),
    absent="0 for an empty list",
    example={">=": [{"count": [_ORDERS, _PAID]}, 2]},
)
def count(call: Call) -> Checked | None:
    items = call.items(0)
    if items is None:
        return None
    where = _where(call, items, 1)
    return None if where is None else ir.Count(items, where)


def _where(call: Call, items: ir.Items, index: int) -> ir.Predicate | None:
    if call.raw(index) is None:
        return ir.TRUE
    return call.predicate(index, item_scope(items, call.scope))


def _aggregate(call: Call, function: ir.AggregateName, *types: Type) -> ir.Value | None:
    items = call.items(0)
    if items is None:
        return None
    scope = item_scope(items, call.scope)
    node = call.node(1, scope)
    where = _where(call, items, 2)
    if node is None or where is None:
        return None
    if isinstance(node, ir.Count | ir.Aggregate | ir.Literal | ir.Moment):
        call.problem(
            "wrong_type", f'"{call.name}" needs a field of the items, not {described(node)}.', 1
        )
        return None
    value = call.typed(node, 1, *types)
    return None if value is None else ir.Aggregate(function, items, value, where)


@operator(
    "sum",
    "sum of",
    "总和",
    takes=(2, 3),
    absent="0 for an empty list; items without the value add nothing",
    example={">": [{"sum": [_ORDERS, _ITEMS, _PAID]}, 10]},
)
def sum_(call: Call) -> Checked | None:
    return _aggregate(call, "sum", Type.NUMBER)


@operator(
    "min",
    "smallest",
    "最小值",
    takes=(2, 3),
    absent="absent for an empty list",
    example={"<": [{"min": [_ORDERS, _ITEMS]}, 2]},
)
def min_(call: Call) -> Checked | None:
    return _aggregate(call, "min", Type.NUMBER, Type.DATETIME, Type.DATE)


@operator(
    "max",
    "largest",
    "最大值",
    takes=(2, 3),
    absent="absent for an empty list",
    example={">": [{"max": [_ORDERS, _ITEMS]}, 2]},
)
def max_(call: Call) -> Checked | None:
    return _aggregate(call, "max", Type.NUMBER, Type.DATETIME, Type.DATE)
