"""Whether a value is there, and what a yes-or-no says."""

from __future__ import annotations

from engine.rules.check import Placed
from engine.rules.checked import Checked
from engine.rules.operators.arguments import argument
from engine.rules.operators.comparing import presence
from engine.rules.operators.entry import Call, macro, operator

_EVENTS = {"var": "events"}
_VALUE = argument("value", "any", "set", "list")
_FLAG = argument("value", "boolean")


@operator(
    "is_set",
    "is known",
    "已知",
    takes=(_VALUE,),
    means=(
        "There is a value. 0 and no are values; an empty text, set or list is none.",
        "有值。0 和“否”也是值；空文本、空集合、空列表不算。",
    ),
    absent="false; an empty text, set or list counts as absent",
    sql="a IS NOT NULL AND a <> ''",
    example={"is_set": [{"var": "contact.phone"}]},
)
def is_set(call: Call) -> Checked | None:
    node = call.node(0)
    return None if node is None else presence(call, node, 0)


@macro(
    "is_empty",
    "is unknown",
    "未知",
    takes=(_VALUE,),
    means=("There is no value, or an empty one.", "没有值，或值为空。"),
    absent="true; an empty text, set or list counts as absent",
    example={"is_empty": [{"var": "contact.phone"}]},
)
def is_empty(arguments: list[Placed]) -> object:
    return {"!": [{"is_set": arguments}]}


@macro(
    "is_true",
    "is yes",
    "为是",
    takes=(_FLAG,),
    means=("Known, and yes.", "已知且为“是”。"),
    absent="false",
    example={"some": [_EVENTS, {"is_true": [{"var": "properties.gift"}]}]},
)
def is_true(arguments: list[Placed]) -> object:
    return {"==": [arguments[0], True]}


@macro(
    "is_false",
    "is no",
    "为否",
    takes=(_FLAG,),
    means=("Known, and no. Not the complement of is yes.", "已知且为“否”；不是“为是”的相反。"),
    absent="false",
    example={"some": [_EVENTS, {"is_false": [{"var": "properties.gift"}]}]},
)
def is_false(arguments: list[Placed]) -> object:
    return {"==": [arguments[0], False]}
