"""The records that belong to a subject: does any match, do all, how many."""

from __future__ import annotations

from dataclasses import replace

from engine.rules import ir
from engine.rules.check import Scope
from engine.rules.checked import Checked
from engine.rules.facts import LIST_KINDS
from engine.rules.operators.arguments import argument, optional
from engine.rules.operators.entry import Call, operator

_ORDERS = {"var": "orders"}
_PAID = {"==": [{"var": "status"}, "paid"]}
LIST = argument("list", "list")
WHERE = optional("where", "condition", "null")
_TAKES = (LIST, argument("where", "condition"))


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
    "some",
    "some of",
    "至少一个",
    takes=_TAKES,
    means=("At least one item meets the condition.", "至少有一条记录满足条件。"),
    absent="false for an empty list",
    sql="EXISTS (SELECT FROM order WHERE ...)",
    example={"some": [_ORDERS, _PAID]},
)
def some(call: Call) -> Checked | None:
    return _quantified(call, "some")


@operator(
    "none",
    "none of",
    "没有一个",
    takes=_TAKES,
    means=("No item meets the condition.", "没有任何记录满足条件。"),
    absent="true for an empty list",
    sql="NOT EXISTS (SELECT FROM order WHERE ...)",
    example={"none": [_ORDERS, _PAID]},
)
def none(call: Call) -> Checked | None:
    return _quantified(call, "none")


@operator(
    "all",
    "all of the",
    "每一个",
    takes=_TAKES,
    means=(
        "There is at least one item, and every one meets the condition.",
        "至少有一条记录，且每一条都满足条件。",
    ),
    absent="false for an empty list",
    sql="EXISTS (...) AND NOT EXISTS (... WHERE NOT condition)",
    example={"all": [_ORDERS, _PAID]},
)
def every(call: Call) -> Checked | None:
    return _quantified(call, "every")


@operator(
    "count",
    "number of",
    "数量",
    takes=(LIST, WHERE),
    gives="number",
    means=("How many items there are that meet the condition.", "满足条件的记录条数。"),
    absent="0 for an empty list",
    sql="SELECT owner FROM order WHERE ... GROUP BY owner HAVING count(*) >= :n",
    example={">=": [{"count": [_ORDERS, _PAID]}, 2]},
)
def count(call: Call) -> Checked | None:
    items = call.items(0)
    if items is None:
        return None
    where = where_of(call, items, 1)
    return None if where is None else ir.Count(items, where)


def where_of(call: Call, items: ir.Items, index: int) -> ir.Predicate | None:
    """The condition on the items at this place; none at all and null let every item through."""
    if call.raw(index) is None:
        return ir.TRUE
    return call.predicate(index, item_scope(items, call.scope))
