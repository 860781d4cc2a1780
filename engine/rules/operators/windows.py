"""Windows that slide with now. Minutes, hours, days and weeks always last the same; months and
years follow the calendar of the zone.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.local_time import Span
from engine.rules import ir
from engine.rules.checked import Checked
from engine.rules.operators.arguments import argument
from engine.rules.operators.comparing import between, compare
from engine.rules.operators.entry import Call, operator
from engine.rules.operators.instants import NOW, TODAY
from engine.rules.problems import shown
from engine.rules.types import Type

_SEEN = {"var": "contact.last_seen_at"}
MAX_COUNT = 36_500
MONTHS = {"month": 1, "quarter": 3, "year": 12}
DAYS = {"day": 1, "week": 7}
_SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
TIME = argument("time", "date", "datetime")
HOW_MANY = argument("how many", "count")
_WINDOW = (TIME, HOW_MANY, argument("unit", "unit"))


def unit_of(call: Call, index: int) -> str | None:
    unit = call.raw(index)
    known = _SECONDS.keys() | MONTHS.keys()
    if isinstance(unit, str) and unit.removesuffix("s") in known:
        return unit.removesuffix("s")
    choices = "minutes, hours, days, weeks, months, quarters, years"
    call.problem(
        "bad_choice", f"{shown(unit)} is not a unit of time; choose one of {choices}.", index
    )
    return None


def count_of(call: Call, index: int) -> int | None:
    count = call.raw(index)
    if isinstance(count, int) and not isinstance(count, bool) and 1 <= count <= MAX_COUNT:
        return count
    message = (
        f"{shown(count)} is not a number of units; write a whole number from 1 to {MAX_COUNT:,}."
    )
    call.problem("bad_span", message, index)
    return None


def _distance(call: Call, kind: Type) -> Span | None:
    count, unit = count_of(call, 1), unit_of(call, 2)
    if count is None or unit is None:
        return None
    if unit in MONTHS:
        if count * MONTHS[unit] > 2_400:
            call.problem("bad_span", "That is more than 200 years; choose a shorter time.", 1)
            return None
        return Span(months=count * MONTHS[unit])
    if kind is Type.DATETIME:
        return Span(seconds=count * _SECONDS[unit])
    if unit in DAYS:
        return Span(days=count * DAYS[unit])
    call.problem("bad_choice", "A date has no hours; count in days or longer.", 2)
    return None


@dataclass(frozen=True, slots=True)
class _Around:
    """A time or date, and the moments as far before and after now as the rule says."""

    value: ir.Value
    earlier: ir.Moment
    now: ir.Moment
    later: ir.Moment


def _around(call: Call) -> _Around | None:
    value = call.value(0, Type.DATETIME, Type.DATE)
    kind = Type.DATETIME if value is None else ir.value_type(value)
    distance = _distance(call, kind)
    if value is None or distance is None:
        return None
    here = NOW if kind is Type.DATETIME else TODAY
    return _Around(
        value,
        ir.Moment(kind, here.anchor, -distance),
        here,
        ir.Moment(kind, here.anchor, distance),
    )


@operator(
    "in_last",
    "in the last",
    "在最近…内",
    takes=_WINDOW,
    means=(
        "From so long ago until now, both ends included; a date counts whole local days.",
        "从若干时间之前到现在，含两端；日期按当地整日计算。",
    ),
    absent="false",
    sql="a BETWEEN :now - n AND :now",
    example={"in_last": [_SEEN, 30, "days"]},
)
def in_last(call: Call) -> Checked | None:
    at = _around(call)
    return None if at is None else between(call, at.value, at.earlier, at.now, (0, 1, 1))


@operator(
    "in_next",
    "in the next",
    "在未来…内",
    takes=_WINDOW,
    means=(
        "From now until so far ahead, both ends included; a date counts whole local days.",
        "从现在到未来若干时间，含两端；日期按当地整日计算。",
    ),
    absent="false",
    sql="a BETWEEN :now AND :now + n",
    example={"in_next": [_SEEN, 2, "weeks"]},
)
def in_next(call: Call) -> Checked | None:
    at = _around(call)
    return None if at is None else between(call, at.value, at.now, at.later, (0, 1, 1))


@operator(
    "more_than_ago",
    "more than … ago",
    "距今超过",
    takes=_WINDOW,
    means=(
        "Earlier than so long ago; that moment itself is not.",
        "早于若干时间之前，不含该时刻。",
    ),
    absent="false",
    sql="a < :now - n",
    example={"more_than_ago": [_SEEN, 3, "months"]},
)
def more_than_ago(call: Call) -> Checked | None:
    at = _around(call)
    return None if at is None else compare(call, "<", at.value, at.earlier, (0, 1))


@operator(
    "more_than_ahead",
    "more than … ahead",
    "距今还有超过",
    takes=_WINDOW,
    means=(
        "Later than so far ahead; that moment itself is not.",
        "晚于未来若干时间，不含该时刻。",
    ),
    absent="false",
    sql="a > :now + n",
    example={"more_than_ahead": [_SEEN, 3, "days"]},
)
def more_than_ahead(call: Call) -> Checked | None:
    at = _around(call)
    return None if at is None else compare(call, ">", at.value, at.later, (0, 1))
