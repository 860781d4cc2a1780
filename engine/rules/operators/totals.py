"""Numbers taken from all items of a list together: sums, averages, extremes."""

from __future__ import annotations

from engine.rules import ir
from engine.rules.check import Placed
from engine.rules.checked import Checked, described
from engine.rules.operators.arguments import argument
from engine.rules.operators.entry import Call, macro, operator
from engine.rules.operators.lists import LIST, WHERE, item_scope, where_of
from engine.rules.types import Type

_ORDERS = {"var": "orders"}
_PAID = {"==": [{"var": "status"}, "paid"]}
_ITEMS = {"var": "item_count"}
_NUMBERS = (LIST, argument("of", "number"), WHERE)
_ORDERED = (LIST, argument("of", "number", "date", "datetime"), WHERE)
_SUM = (
    "The values of all items that meet the condition, added up.",
    "满足条件的所有记录的值之和。",
)
_MIN = ("The smallest, or earliest, value among the items.", "记录中最小或最早的值。")
_MAX = ("The largest, or latest, value among the items.", "记录中最大或最晚的值。")
_SUM_ABSENT = "0 for an empty list; items without the value add nothing"
_EXTREME_ABSENT = "absent for an empty list; items without the value are passed over"


def _aggregate(call: Call, function: ir.AggregateName, *types: Type) -> ir.Value | None:
    items = call.items(0)
    if items is None:
        return None
    scope = item_scope(items, call.scope)
    node = call.node(1, scope)
    where = where_of(call, items, 2)
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
    takes=_NUMBERS,
    gives="number",
    means=_SUM,
    absent=_SUM_ABSENT,
    sql="SELECT owner FROM order WHERE ... GROUP BY owner HAVING sum(a) > :n",
    example={">": [{"sum": [_ORDERS, _ITEMS, _PAID]}, 10]},
)
def sum_(call: Call) -> Checked | None:
    return _aggregate(call, "sum", Type.NUMBER)


@operator(
    "min",
    "smallest",
    "最小值",
    takes=_ORDERED,
    gives="any",
    means=_MIN,
    absent=_EXTREME_ABSENT,
    sql="GROUP BY owner HAVING min(a) < :n",
    example={"<": [{"min": [_ORDERS, _ITEMS]}, 2]},
)
def min_(call: Call) -> Checked | None:
    return _aggregate(call, "min", Type.NUMBER, Type.DATETIME, Type.DATE)


@operator(
    "max",
    "largest",
    "最大值",
    takes=_ORDERED,
    gives="any",
    means=_MAX,
    absent=_EXTREME_ABSENT,
    sql="GROUP BY owner HAVING max(a) > :n",
    example={">": [{"max": [_ORDERS, _ITEMS]}, 2]},
)
def max_(call: Call) -> Checked | None:
    return _aggregate(call, "max", Type.NUMBER, Type.DATETIME, Type.DATE)


@operator(
    "avg_of",
    "average of",
    "平均值",
    takes=_NUMBERS,
    gives="number",
    means=(
        "The sum divided by the number of items that have the value.",
        "总和除以有该值的记录条数。",
    ),
    absent="absent for an empty list; items without the value do not count",
    sql="GROUP BY owner HAVING sum(a) / count(a) >= :n",
    example={">=": [{"avg_of": [_ORDERS, _ITEMS, _PAID]}, 2.5]},
)
def avg_of(call: Call) -> Checked | None:
    return _aggregate(call, "avg", Type.NUMBER)


@macro(
    "sum_of",
    "sum of",
    "总和",
    takes=_NUMBERS,
    gives="number",
    means=_SUM,
    absent=_SUM_ABSENT,
    example={">": [{"sum_of": [_ORDERS, _ITEMS, _PAID]}, 10]},
)
def sum_of(arguments: list[Placed]) -> object:
    return {"sum": arguments}


@macro(
    "min_of",
    "smallest",
    "最小值",
    takes=_ORDERED,
    gives="any",
    means=_MIN,
    absent=_EXTREME_ABSENT,
    example={"<": [{"min_of": [_ORDERS, _ITEMS]}, 2]},
)
def min_of(arguments: list[Placed]) -> object:
    return {"min": arguments}


@macro(
    "max_of",
    "largest",
    "最大值",
    takes=_ORDERED,
    gives="any",
    means=_MAX,
    absent=_EXTREME_ABSENT,
    example={">": [{"max_of": [_ORDERS, _ITEMS]}, 2]},
)
def max_of(arguments: list[Placed]) -> object:
    return {"max": arguments}
