"""Windows around now. Hours, days and weeks slide and always last the same; months and calendar
periods follow the calendar of the zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from engine.local_time import Span, SpanRefused, Unit, parse_span
from engine.rules import ir
from engine.rules.checked import Checked
from engine.rules.operators.comparing import between, compare
from engine.rules.operators.entry import Call, operator
from engine.rules.problems import shown
from engine.rules.types import Type

_SEEN = {"var": "contact.last_seen_at"}
MAX_COUNT = 36_500
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"day": 1, "week": 7}
_SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
NOW = ir.Moment(Type.DATETIME, "now")
TODAY = ir.Moment(Type.DATE, "day")


@operator(
    "now", "now", "现在", takes=(0, 1), absent="never absent", example={"<": [_SEEN, {"now": []}]}
)
def now(_: Call) -> Checked | None:
    return NOW


@operator(
    "moment",
    "moment",
    "时刻",
    takes=(1, 2),
    absent="never absent",
    example={">=": [_SEEN, {"moment": ["now", "-P3D"]}]},
)
def moment(call: Call) -> Checked | None:
    """Now, or the first day of the local day, week, month, quarter or year, moved by a length of
    time.
    """
    anchor = call.raw(0)
    offset = _offset(call)
    if anchor == "now":
        return None if offset is None else ir.Moment(Type.DATETIME, "now", offset)
    unit = next((unit for unit in get_args(Unit) if unit == anchor), None)
    if unit is None:
        choices = ", ".join(("now", *get_args(Unit)))
        call.problem("bad_choice", f"{shown(anchor)} is not a moment; choose one of {choices}.", 0)
        return None
    if offset is not None and offset.seconds:
        call.problem("bad_span", "A date moves by whole days, weeks, months or years.", 1)
        return None
    return None if offset is None else ir.Moment(Type.DATE, unit, offset)


def _offset(call: Call) -> Span | None:
    text = call.raw(1)
    if text is None:
        return Span()
    try:
        return parse_span(text if isinstance(text, str) else shown(text))
    except SpanRefused as refused:
        call.problem("bad_span", str(refused), 1)
        return None


def _unit(call: Call, index: int) -> str | None:
    unit = call.raw(index)
    known = _SECONDS.keys() | _MONTHS.keys()
    if isinstance(unit, str) and unit.removesuffix("s") in known:
        return unit.removesuffix("s")
    choices = "minutes, hours, days, weeks, months, quarters, years"
    call.problem(
        "bad_choice", f"{shown(unit)} is not a unit of time; choose one of {choices}.", index
    )
    return None


def _count(call: Call, index: int) -> int | None:
    count = call.raw(index)
    if isinstance(count, int) and not isinstance(count, bool) and 1 <= count <= MAX_COUNT:
        return count
    message = (
        f"{shown(count)} is not a number of units; write a whole number from 1 to {MAX_COUNT:,}."
    )
    call.problem("bad_span", message, index)
    return None


def _distance(call: Call, kind: Type) -> Span | None:
    count, unit = _count(call, 1), _unit(call, 2)
    if count is None or unit is None:
        return None
    if unit in _MONTHS:
        if count * _MONTHS[unit] > 2_400:
            call.problem("bad_span", "That is more than 200 years; choose a shorter time.", 1)
            return None
        return Span(months=count * _MONTHS[unit])
    if kind is Type.DATETIME:
        return Span(seconds=count * _SECONDS[unit])
    if unit in _DAYS:
        return Span(days=count * _DAYS[unit])
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
    takes=3,
    absent="false",
    example={"in_last": [_SEEN, 30, "days"]},
)
def in_last(call: Call) -> Checked | None:
    at = _around(call)
    return None if at is None else between(call, at.value, at.earlier, at.now, (0, 1, 1))


@operator(
    "in_next",
    "in the next",
    "在未来…内",
    takes=3,
    absent="false",
    example={"in_next": [_SEEN, 2, "weeks"]},
)
def in_next(call: Call) -> Checked | None:
    at = _around(call)
    return None if at is None else between(call, at.value, at.now, at.later, (0, 1, 1))


@operator(
    "more_than_ago",
    "more than … ago",
    "距今超过",
    takes=3,
    absent="false",
    example={"more_than_ago": [_SEEN, 3, "months"]},
)
def more_than_ago(call: Call) -> Checked | None:
    at = _around(call)
    return None if at is None else compare(call, "<", at.value, at.earlier, (0, 1))


@operator(
    "more_than_ahead",
    "more than … ahead",
    "距今还有超过",
    takes=3,
    absent="false",
    example={"more_than_ahead": [_SEEN, 3, "days"]},
)
def more_than_ahead(call: Call) -> Checked | None:
    at = _around(call)
    return None if at is None else compare(call, ">", at.value, at.later, (0, 1))


def _period(call: Call, unit: Unit, count: int) -> ir.Predicate | None:
    """Whole local periods up to and including the current one."""
    value = call.value(0, Type.DATETIME, Type.DATE)
    if value is None:
        return None
    earlier = count - 1
    if unit in _MONTHS:
        size = _MONTHS[unit]
        first, last = Span(months=-earlier * size), Span(months=size, days=-1)
    else:
        size = _DAYS[unit]
        first, last = Span(days=-earlier * size), Span(days=size - 1)
    return between(
        call, value, ir.Moment(Type.DATE, unit, first), ir.Moment(Type.DATE, unit, last), (0, 0, 0)
    )


@operator(
    "in_last_calendar",
    "in the last calendar",
    "在最近的自然周期内",
    takes=3,
    absent="false",
    example={"in_last_calendar": [_SEEN, 3, "months"]},
)
def in_last_calendar(call: Call) -> Checked | None:
    count, unit = _count(call, 1), _unit(call, 2)
    if count is None or unit is None:
        return None
    period = next((known for known in get_args(Unit) if known == unit), None)
    if period is None:
        call.problem(
            "bad_choice", "Calendar periods are days, weeks, months, quarters or years.", 2
        )
        return None
    if count * (_MONTHS.get(unit, 0) * 31 + _DAYS.get(unit, 0)) > 200 * 366:
        call.problem("bad_span", "That is more than 200 years; choose a shorter time.", 1)
        return None
    return _period(call, period, count)


def _current(name: str, en: str, zh: str, unit: Unit) -> None:
    @operator(name, en, zh, takes=1, absent="false", example={name: [_SEEN]})
    def current(call: Call) -> Checked | None:
        return _period(call, unit, 1)


_current("today", "is today", "是今天", "day")
_current("this_week", "is this week", "在本周", "week")
_current("this_month", "is this month", "在本月", "month")
_current("this_quarter", "is this quarter", "在本季度", "quarter")
_current("this_year", "is this year", "在今年", "year")
