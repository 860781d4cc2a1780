"""Whole periods of the local calendar: today, this week, the last three months."""

from __future__ import annotations

from typing import get_args

from engine.local_time import Span, Unit
from engine.rules import ir
from engine.rules.checked import Checked
from engine.rules.operators.arguments import argument
from engine.rules.operators.comparing import between
from engine.rules.operators.entry import Call, operator
from engine.rules.operators.windows import DAYS, HOW_MANY, MONTHS, TIME, count_of, unit_of
from engine.rules.types import Type

_SEEN = {"var": "contact.last_seen_at"}


def _period(call: Call, unit: Unit, count: int) -> ir.Predicate | None:
    """Whole local periods up to and including the current one."""
    value = call.value(0, Type.DATETIME, Type.DATE)
    if value is None:
        return None
    earlier = count - 1
    if unit in MONTHS:
        size = MONTHS[unit]
        first, last = Span(months=-earlier * size), Span(months=size, days=-1)
    else:
        size = DAYS[unit]
        first, last = Span(days=-earlier * size), Span(days=size - 1)
    return between(
        call, value, ir.Moment(Type.DATE, unit, first), ir.Moment(Type.DATE, unit, last), (0, 0, 0)
    )


@operator(
    "in_last_calendar",
    "in the last calendar",
    "在最近的自然周期内",
    takes=(TIME, HOW_MANY, argument("period", "period")),
    means=(
        "So many whole local periods with the current one: 3 months in March start in January.",
        "若干个当地自然周期，含当前周期：3 月里的 3 个月从 1 月起。",
    ),
    absent="false",
    sql="a >= :first_day AND a < :day_after_the_last",
    example={"in_last_calendar": [_SEEN, 3, "months"]},
)
def in_last_calendar(call: Call) -> Checked | None:
    count, unit = count_of(call, 1), unit_of(call, 2)
    if count is None or unit is None:
        return None
    period = next((known for known in get_args(Unit) if known == unit), None)
    if period is None:
        call.problem(
            "bad_choice", "Calendar periods are days, weeks, months, quarters or years.", 2
        )
        return None
    if count * (MONTHS.get(unit, 0) * 31 + DAYS.get(unit, 0)) > 200 * 366:
        call.problem("bad_span", "That is more than 200 years; choose a shorter time.", 1)
        return None
    return _period(call, period, count)


def _current(name: str, label: tuple[str, str], means: tuple[str, str], unit: Unit) -> None:
    @operator(
        name,
        *label,
        takes=(TIME,),
        means=means,
        absent="false",
        sql="a >= :first_day AND a < :day_after_the_last",
        example={name: [_SEEN]},
    )
    def current(call: Call) -> Checked | None:
        return _period(call, unit, 1)


_current(
    "today",
    ("is today", "是今天"),
    ("Within the current local day.", "在当地今天之内。"),
    "day",
)
_current(
    "this_week",
    ("is this week", "在本周"),
    ("Within the current local week, from Monday to Sunday.", "在当地本周之内，周一至周日。"),
    "week",
)
_current(
    "this_month",
    ("is this month", "在本月"),
    ("Within the current local month.", "在当地本月之内。"),
    "month",
)
_current(
    "this_quarter",
    ("is this quarter", "在本季度"),
    ("Within the current local quarter, from January on.", "在当地本季度之内，自一月起算。"),
    "quarter",
)
_current(
    "this_year",
    ("is this year", "在今年"),
    ("Within the current local year.", "在当地今年之内。"),
    "year",
)
