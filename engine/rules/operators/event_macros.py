"""What a contact has done: macros over the list of events."""

from __future__ import annotations

from typing import get_args

from engine.rules.check import Placed
from engine.rules.checked import Checked
from engine.rules.operators.comparing import Sign
from engine.rules.operators.entry import Call, macro, operator
from engine.rules.problems import shown, step_into

_EVENTS = {"var": "events"}
_MAIL = "Message Opened"
_LAST_MONTH = ["in_last", 30, "days"]


def _bare(argument: object) -> object:
    while isinstance(argument, Placed):
        argument = argument.document
    return argument


def _matching(event: object, window: object = None, where: object = None) -> object:
    """The condition on one event: its name, its time, its properties."""
    conditions: list[object] = [{"==": [{"var": "name"}, event]}]
    if _bare(window) is not None:
        conditions.append(_in_window(window))
    if _bare(where) is not None:
        conditions.append(where)
    return {"and": conditions}


def _in_window(window: object) -> object:
    """`["in_last", 30, "days"]` about the time of the event; anything else is left to the checker
    to refuse.
    """
    inner = _bare(window)
    if not (isinstance(window, Placed) and isinstance(inner, list)):
        return _spelled(window) if isinstance(window, list) else window
    items = [Placed(item, step_into(window.pointer, at)) for at, item in enumerate(inner)]
    return Placed(_spelled([_bare(items[0]), *items[1:]] if items else []), window.pointer)


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
    takes=(1, 5),
    absent="counts what is there; a contact without events has done nothing",
    example={"done": [_MAIL, ">=", 2, _LAST_MONTH]},
)
def done(call: Call) -> Checked | None:
    """[event, sign, times, window or null, condition on the event or null]; `[event]` alone is at
    least once.
    """
    arguments = call.placed()
    sign = call.raw(1) if len(arguments) > 1 else ">="
    if sign not in get_args(Sign):
        choices = " ".join(get_args(Sign))
        call.problem("bad_choice", f"{shown(sign)} does not compare; choose one of {choices}.", 1)
        return None
    times: object = _at(arguments, 2) if len(arguments) > 2 else 1
    where = _matching(arguments[0], _at(arguments, 3), _at(arguments, 4))
    written_out = {str(sign): [{"count": [_EVENTS, where]}, times]}
    return call.checker.node(written_out, call.scope, call.pointer)


@macro(
    "not_done",
    "has not done",
    "没有做过",
    takes=(1, 3),
    absent="true for a contact without events",
    example={"not_done": [_MAIL, _LAST_MONTH]},
)
def not_done(arguments: list[Placed]) -> object:
    """[event, window or null, condition or null]: the complement of done at least once."""
    return {"none": [_EVENTS, _matching(arguments[0], _at(arguments, 1), _at(arguments, 2))]}


@macro(
    "inactive_for",
    "has not done, and has been known, for",
    "已知且未做过的时长",
    takes=3,
    absent="false",
    example={"inactive_for": [_MAIL, 30, "days"]},
)
def inactive_for(arguments: list[Placed]) -> object:
    """Like not_done, but only for contacts we have known for that long."""
    event, count, unit = arguments
    return {
        "and": [
            {"none": [_EVENTS, _matching(event, ["in_last", count, unit])]},
            {"more_than_ago": [{"var": "contact.created_at"}, count, unit]},
        ]
    }


@macro(
    "first_done",
    "first time of",
    "首次发生时间",
    takes=(1, 2),
    absent="absent when it never happened",
    example={"before": [{"first_done": [_MAIL]}, "2026-03-01"]},
)
def first_done(arguments: list[Placed]) -> object:
    return {
        "min": [_EVENTS, {"var": "occurred_at"}, _matching(arguments[0], None, _at(arguments, 1))]
    }


@macro(
    "last_done",
    "last time of",
    "最近发生时间",
    takes=(1, 2),
    absent="absent when it never happened",
    example={"more_than_ago": [{"last_done": [_MAIL]}, 30, "days"]},
)
def last_done(arguments: list[Placed]) -> object:
    return {
        "max": [_EVENTS, {"var": "occurred_at"}, _matching(arguments[0], None, _at(arguments, 1))]
    }
