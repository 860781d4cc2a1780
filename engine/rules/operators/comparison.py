"""Comparing values: equal, ordered, between two others."""

from __future__ import annotations

from engine.rules import ir
from engine.rules.checked import Checked, Null
from engine.rules.operators.arguments import argument
from engine.rules.operators.comparing import Sign, between, compare
from engine.rules.operators.entry import Call, operator

_STAGE = {"var": "contact.lifecycle_stage"}
_SCORE = {"var": "contact.score"}
_SEEN = {"var": "contact.last_seen_at"}

_LEFT, _RIGHT = argument("left", "any"), argument("right", "any", "null")
_ORDERED = (
    argument("left", "number", "money", "date", "datetime", "text"),
    argument("right", "number", "money", "date", "datetime", "text"),
)
_ORDERED_OR_BETWEEN = (
    argument("values", "number", "money", "date", "datetime", "text", least=2, most=3),
)
_VALUE = argument("value", "number", "money", "date", "datetime", "text")
_BETWEEN = (
    _VALUE,
    argument("low", "number", "money", "date", "datetime", "text"),
    argument("high", "number", "money", "date", "datetime", "text"),
)
_IS = (
    "Both sides are the same; comparing with null asks whether the value is unknown.",
    "两边相同；与 null 比较即询问该值是否未知。",
)
_IS_NOT = (
    "The exact complement of is; comparing with null asks whether the value is known.",
    "“等于”的完全相反；与 null 比较即询问该值是否已知。",
)


def _two(call: Call, sign: Sign) -> ir.Predicate | None:
    left, right = call.node(0), call.node(1)
    if left is None or right is None:
        return None
    return compare(call, sign, left, right, (0, 1))


@operator(
    "==",
    "is",
    "等于",
    takes=(_LEFT, _RIGHT),
    means=_IS,
    absent="false",
    sql="a = b",
    example={"==": [_STAGE, "customer"]},
)
def equal(call: Call) -> Checked | None:
    return _two(call, "==")


@operator(
    "===",
    "is",
    "等于",
    takes=(_LEFT, _RIGHT),
    means=_IS,
    absent="false",
    sql="a = b",
    example={"===": [_STAGE, "customer"]},
)
def strictly_equal(call: Call) -> Checked | None:
    return _two(call, "==")


@operator(
    "!=",
    "is not",
    "不等于",
    takes=(_LEFT, _RIGHT),
    means=_IS_NOT,
    absent="true",
    sql="a <> b OR a IS NULL",
    example={"!=": [_STAGE, "customer"]},
)
def unequal(call: Call) -> Checked | None:
    return _two(call, "!=")


@operator(
    "!==",
    "is not",
    "不等于",
    takes=(_LEFT, _RIGHT),
    means=_IS_NOT,
    absent="true",
    sql="a <> b OR a IS NULL",
    example={"!==": [_STAGE, "customer"]},
)
def strictly_unequal(call: Call) -> Checked | None:
    return _two(call, "!=")


def _ordered(call: Call, sign: Sign) -> ir.Predicate | None:
    if len(call.arguments) == 2:
        return _two(call, sign)
    low, value, high = call.node(0), call.node(1), call.node(2)
    if low is None or value is None or high is None:
        return None
    if sign == "<=":
        return between(call, value, low, high, (1, 0, 2))
    above = compare(call, ">", value, low, (1, 0))
    below = compare(call, "<", value, high, (1, 2))
    return None if above is None or below is None else ir.And((above, below))


@operator(
    "<",
    "less than",
    "小于",
    takes=_ORDERED_OR_BETWEEN,
    means=(
        "The left side is smaller; with three values the middle one lies between the others.",
        "左边较小；三个值时，中间的值介于另外两个之间（不含两端）。",
    ),
    absent="false",
    sql="a < b",
    example={"<": [_SCORE, 40]},
)
def less(call: Call) -> Checked | None:
    return _ordered(call, "<")


@operator(
    "<=",
    "at most",
    "不大于",
    takes=_ORDERED_OR_BETWEEN,
    means=(
        "The left side is not larger; of three values the middle one is between, ends included.",
        "左边不大于右边；三个值时，中间的值介于另外两个之间（含两端）。",
    ),
    absent="false",
    sql="a <= b; with three: b BETWEEN a AND c",
    example={"<=": [_SCORE, 40]},
)
def at_most(call: Call) -> Checked | None:
    return _ordered(call, "<=")


@operator(
    ">",
    "more than",
    "大于",
    takes=_ORDERED,
    means=("The left side is larger.", "左边较大。"),
    absent="false",
    sql="a > b",
    example={">": [_SCORE, 40]},
)
def more(call: Call) -> Checked | None:
    return _two(call, ">")


@operator(
    ">=",
    "at least",
    "不小于",
    takes=_ORDERED,
    means=("The left side is not smaller.", "左边不小于右边。"),
    absent="false",
    sql="a >= b",
    example={">=": [_SCORE, 40]},
)
def at_least(call: Call) -> Checked | None:
    return _two(call, ">=")


@operator(
    "between",
    "is between",
    "介于",
    takes=_BETWEEN,
    means=("From the low end to the high end, both included.", "从下限到上限，含两端。"),
    absent="false",
    sql="a BETWEEN b AND c",
    example={"between": [_SCORE, 10, 20]},
)
def between_(call: Call) -> Checked | None:
    value, low, high = call.node(0), call.node(1), call.node(2)
    if value is None or low is None or high is None:
        return None
    return between(call, value, low, high, (0, 1, 2))


@operator(
    "window",
    "is within",
    "在范围内",
    takes=(
        _VALUE,
        argument("low", "number", "money", "date", "datetime", "text", "null"),
        argument("high", "number", "money", "date", "datetime", "text", "null"),
    ),
    means=(
        "Like between, but either end may be null for an open one.",
        "与“介于”相同，但任一端可为 null，表示不限。",
    ),
    absent="false",
    sql="a >= b AND a <= c, without what is open",
    example={"window": [_SEEN, {"moment": ["month"]}, None]},
)
def window(call: Call) -> Checked | None:
    value, low, high = call.node(0), call.node(1), call.node(2)
    if value is None or low is None or high is None:
        return None
    if isinstance(low, Null) and isinstance(high, Null):
        call.problem("null_not_allowed", '"window" needs at least one end.', 1)
        return None
    if isinstance(low, Null):
        return compare(call, "<=", value, high, (0, 2))
    if isinstance(high, Null):
        return compare(call, ">=", value, low, (0, 1))
    return between(call, value, low, high, (0, 1, 2))
