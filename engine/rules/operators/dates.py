"""A date or time against a day, and days that come round every year."""

from __future__ import annotations

from engine.local_time import Span
from engine.rules import ir
from engine.rules.checked import Checked
from engine.rules.operators.arguments import argument
from engine.rules.operators.comparing import Sign, compare
from engine.rules.operators.entry import Call, operator
from engine.rules.operators.instants import TODAY
from engine.rules.problems import shown
from engine.rules.types import Type

_SEEN = {"var": "contact.last_seen_at"}
_TAKES = (argument("time", "date", "datetime"), argument("day", "date", "datetime"))
# A year and a day would hold every date, so longer windows have no meaning.
_LONGEST = {"day": 365, "week": 52, "month": 12}


def _on_a_date(call: Call, sign: Sign) -> ir.Predicate | None:
    value = call.value(0, Type.DATETIME, Type.DATE)
    when = call.node(1)
    if value is None or when is None:
        return None
    return compare(call, sign, value, when, (0, 1))


@operator(
    "before",
    "is before",
    "早于",
    takes=_TAKES,
    means=(
        "Before the local day begins; before the instant when one is written.",
        "早于当地该日开始；若写的是时刻，则早于该时刻。",
    ),
    absent="false",
    sql="a < :start_of_day",
    example={"before": [_SEEN, "2026-03-01"]},
)
def before(call: Call) -> Checked | None:
    return _on_a_date(call, "<")


@operator(
    "after",
    "is after",
    "晚于",
    takes=_TAKES,
    means=(
        "After the local day has ended; after the instant when one is written.",
        "晚于当地该日结束；若写的是时刻，则晚于该时刻。",
    ),
    absent="false",
    sql="a >= :start_of_next_day",
    example={"after": [_SEEN, "2026-03-01"]},
)
def after(call: Call) -> Checked | None:
    return _on_a_date(call, ">")


@operator(
    "on",
    "is on",
    "在当天",
    takes=_TAKES,
    means=(
        "Within the local day, 23, 24 or 25 hours long as the clocks have it.",
        "在当地该日之内，因夏令时可能为 23、24 或 25 小时。",
    ),
    absent="false",
    sql="a >= :start_of_day AND a < :start_of_next_day",
    example={"on": [_SEEN, "2026-03-01"]},
)
def on(call: Call) -> Checked | None:
    return _on_a_date(call, "==")


@operator(
    "anniversary_in_next",
    "comes round in the next",
    "周年日在未来…内",
    takes=(
        argument("date", "date"),
        argument("how many", "count"),
        argument("unit", "unit"),
    ),
    means=(
        "The day returns from today until then, whatever its year; 29 February also on the 28th.",
        "不论年份，该日在今天到届时之间再次到来；无 2 月 29 日的年份按 28 日计。",
    ),
    absent="false",
    sql="month * 100 + day of a BETWEEN :first AND :last, in two parts across New Year",
    example={"anniversary_in_next": [{"var": "contact.birthday"}, 7, "days"]},
)
def anniversary_in_next(call: Call) -> Checked | None:
    day = call.value(0, Type.DATE)
    distance = _ahead(call)
    if day is None or distance is None:
        return None
    return ir.ComesRound(day, TODAY, ir.Moment(Type.DATE, TODAY.anchor, distance))


def _ahead(call: Call) -> Span | None:
    count, unit = call.raw(1), call.raw(2)
    known = unit.removesuffix("s") if isinstance(unit, str) else ""
    if known not in _LONGEST:
        message = f"{shown(unit)} does not count days of a year; choose days, weeks or months."
        call.problem("bad_choice", message, 2)
        return None
    most = _LONGEST[known]
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= most:
        message = f"{shown(count)} is not a whole number of {known}s from 0 to {most}."
        call.problem("bad_span", message, 1)
        return None
    if known == "month":
        return Span(months=count)
    return Span(days=count * (7 if known == "week" else 1))
