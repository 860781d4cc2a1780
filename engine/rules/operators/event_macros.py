"""What a contact has done: questions about the list of events."""

from __future__ import annotations

from typing import get_args

from engine.rules.check import Placed
from engine.rules.checked import Checked
from engine.rules.operators.arguments import argument, optional
from engine.rules.operators.comparing import Sign
from engine.rules.operators.entry import Call, macro, operator
from engine.rules.operators.property_filters import filtered
from engine.rules.problems import shown, step_into

_EVENTS = {"var": "events"}
_MAIL = "Message Opened"
_LAST_MONTH = ["in_last", 30, "days"]
_EVENT = argument("event", "name")
_SIGN = optional("how", "sign")
_TIMES = optional("times", "written number")
_WINDOW = optional("window", "window", "null")
_WHERE = optional("where", "condition", "null")
_COUNTS = "counts what is there; a contact without events has done nothing"


def bare(argument: object) -> object:
    while isinstance(argument, Placed):
        argument = argument.document
    return argument


def matching(event: object, window: object = None, where: object = None) -> object:
    """The condition on one event: its name, its time, its properties."""
    conditions: list[object] = [{"==": [{"var": "name"}, event]}]
    if bare(window) is not None:
        conditions.append(_in_window(window))
    if bare(where) is not None:
        conditions.append(where)
    return {"and": conditions}


def _in_window(window: object) -> object:
    """`["in_last", 30, "days"]` about the time of the event; anything else is left to the checker
    to refuse.
    """
    inner = bare(window)
    if not (isinstance(window, Placed) and isinstance(inner, list)):
        return _spelled(window) if isinstance(window, list) else window
    items = [Placed(item, step_into(window.pointer, at)) for at, item in enumerate(inner)]
    return Placed(_spelled([bare(items[0]), *items[1:]] if items else []), window.pointer)


def _spelled(window: list[object]) -> object:
    if not window or not isinstance(window[0], str):
        return window
    return {window[0]: [{"var": "occurred_at"}, *window[1:]]}


def _at(arguments: list[Placed], index: int) -> Placed | None:
    return arguments[index] if index < len(arguments) else None


@operator(
    "done",
    "has done",
    "做过",
    takes=(_EVENT, _SIGN, _TIMES, _WINDOW, _WHERE),
    means=(
        "How often the event happened, in a window or ever; the name alone asks for at least once.",
        "该事件在时间范围内或一直以来发生的次数，可限定属性；只写名称即至少一次。",
    ),
    absent=_COUNTS,
    sql="count of events where name = :event AND occurred_at in the window, compared",
    example={"done": [_MAIL, ">=", 2, _LAST_MONTH]},
)
def done(call: Call) -> Checked | None:
    return _counted(call, _at(call.placed(), 4))


@operator(
    "performed",
    "has done",
    "做过",
    takes=(_EVENT, _SIGN, _TIMES, _WINDOW, optional("properties", "filters", "null")),
    means=(
        "Like done, with the properties as an object: a value, a list to be one of, or operators.",
        "与 done 相同，属性写成对象：一个值、任选其一的列表，或运算符。",
    ),
    absent=_COUNTS,
    sql="as done",
    example={
        "performed": [
            "Order Completed",
            ">=",
            1,
            ["in_last", 90, "days"],
            {"total": {">=": 100}, "coupon": ["SPRING", "MAY"]},
        ]
    },
)
def performed(call: Call) -> Checked | None:
    filters = _at(call.placed(), 4)
    if filters is None or bare(filters) is None:
        return _counted(call, None)
    where = filtered(call, bare(filters), filters.pointer)
    return None if where is None else _counted(call, where)


def _counted(call: Call, where: object) -> Checked | None:
    arguments = call.placed()
    sign = call.raw(1) if len(arguments) > 1 else ">="
    if sign not in get_args(Sign):
        choices = " ".join(get_args(Sign))
        call.problem("bad_choice", f"{shown(sign)} does not compare; choose one of {choices}.", 1)
        return None
    times: object = _at(arguments, 2) if len(arguments) > 2 else 1
    events = {"count": [_EVENTS, matching(arguments[0], _at(arguments, 3), where)]}
    return call.checker.node({str(sign): [events, times]}, call.scope, call.pointer)


@macro(
    "not_done",
    "has not done",
    "没有做过",
    takes=(_EVENT, _WINDOW, _WHERE),
    means=("The exact complement of done at least once.", "“至少做过一次”的完全相反。"),
    absent="true for a contact without events",
    example={"not_done": [_MAIL, _LAST_MONTH]},
)
def not_done(arguments: list[Placed]) -> object:
    return {"none": [_EVENTS, matching(arguments[0], _at(arguments, 1), _at(arguments, 2))]}


@macro(
    "inactive_for",
    "has not done, and has been known, for",
    "已知且未做过的时长",
    takes=(_EVENT, argument("how many", "count"), argument("unit", "unit")),
    means=(
        "Like not done in that time, but only for contacts known for longer than that.",
        "在该时长内未做过，且认识该联系人的时间更长。",
    ),
    absent="false",
    example={"inactive_for": [_MAIL, 30, "days"]},
)
def inactive_for(arguments: list[Placed]) -> object:
    event, count, unit = arguments
    return {
        "and": [
            {"none": [_EVENTS, matching(event, ["in_last", count, unit])]},
            {"more_than_ago": [{"var": "contact.created_at"}, count, unit]},
        ]
    }


@macro(
    "first_done",
    "first time of",
    "首次发生时间",
    takes=(_EVENT, _WHERE),
    gives="datetime",
    means=("When the event happened for the first time.", "该事件首次发生的时间。"),
    absent="absent when it never happened",
    example={"before": [{"first_done": [_MAIL]}, "2026-03-01"]},
)
def first_done(arguments: list[Placed]) -> object:
    return {
        "min": [_EVENTS, {"var": "occurred_at"}, matching(arguments[0], None, _at(arguments, 1))]
    }


@macro(
    "last_done",
    "last time of",
    "最近发生时间",
    takes=(_EVENT, _WHERE),
    gives="datetime",
    means=("When the event happened for the last time.", "该事件最近一次发生的时间。"),
    absent="absent when it never happened",
    example={"more_than_ago": [{"last_done": [_MAIL]}, 30, "days"]},
)
def last_done(arguments: list[Placed]) -> object:
    return {
        "max": [_EVENTS, {"var": "occurred_at"}, matching(arguments[0], None, _at(arguments, 1))]
    }
