"""Now, and moments that move with it."""

from __future__ import annotations

from typing import get_args

from engine.local_time import Span, SpanRefused, Unit, parse_span
from engine.rules import ir
from engine.rules.checked import Checked
from engine.rules.operators.arguments import argument, optional
from engine.rules.operators.entry import Call, operator
from engine.rules.problems import shown
from engine.rules.types import Type

_SEEN = {"var": "contact.last_seen_at"}
NOW = ir.Moment(Type.DATETIME, "now")
TODAY = ir.Moment(Type.DATE, "day")


@operator(
    "now",
    "now",
    "现在",
    takes=(optional("nothing", "null"),),
    gives="datetime",
    means=(
        "The instant at which the rule is asked; one and the same everywhere in it.",
        "询问规则的时刻，在整条规则中是同一个。",
    ),
    absent="never absent",
    sql=":now",
    example={"<": [_SEEN, {"now": []}]},
)
def now(_: Call) -> Checked | None:
    return NOW


@operator(
    "moment",
    "moment",
    "时刻",
    takes=(
        argument("anchor", "anchor"),
        optional("moved by", "length"),
        optional("and by", "length"),
    ),
    gives="any",
    means=(
        "Now, or the first day of the local day, week, month, quarter or year; moved by a length.",
        "现在，或当地当日、本周（周一起）、本月、本季度、今年的第一天，再移动一段时长。",
    ),
    absent="never absent",
    sql=":moment",
    example={">=": [_SEEN, {"moment": ["now", "-P3D"]}]},
)
def moment(call: Call) -> Checked | None:
    anchor = call.raw(0)
    lengths = [_length(call, index) for index in range(1, len(call.arguments))]
    offset = _together([length for length in lengths if length is not None])
    if anchor == "now":
        return None if None in lengths else ir.Moment(Type.DATETIME, "now", offset)
    unit = next((unit for unit in get_args(Unit) if unit == anchor), None)
    if unit is None:
        choices = ", ".join(("now", *get_args(Unit)))
        call.problem("bad_choice", f"{shown(anchor)} is not a moment; choose one of {choices}.", 0)
        return None
    if offset.seconds:
        call.problem("bad_span", "A date moves by whole days, weeks, months or years.", 1)
        return None
    return None if None in lengths else ir.Moment(Type.DATE, unit, offset)


def _together(lengths: list[Span]) -> Span:
    return Span(
        sum(length.months for length in lengths),
        sum(length.days for length in lengths),
        sum(length.seconds for length in lengths),
    )


def _length(call: Call, index: int) -> Span | None:
    text = call.raw(index)
    if text is None:
        return Span()
    try:
        return parse_span(text if isinstance(text, str) else shown(text))
    except SpanRefused as refused:
        call.problem("bad_span", str(refused), index)
        return None
