"""What a condition says of its subject, and what its opposite says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.local_time import Span
from engine.rules import ir
from engine.rules.types import Label
from engine.rules.wording.nouns import Nouns

_ONE_DAY = Span(days=1)


@dataclass(frozen=True, slots=True)
class Verb:
    """How a condition is said of its subject, and how its opposite is."""

    yes: Label
    no: Label


def _verb(yes: str, no: str, yes_zh: str, no_zh: str) -> Verb:
    return Verb(Label(yes, yes_zh), Label(no, no_zh))


def _timely(words: str, yes_zh: str, no_zh: str) -> Verb:
    return _verb(f"{{be}} {words}", f"{{be_not}} {words}", yes_zh, no_zh)


COMPARISONS: dict[ir.Comparison, Verb] = {
    "==": _verb("is {}", "is not {}", "等于{}", "不等于{}"),
    "<": _verb("is less than {}", "is not less than {}", "小于{}", "不小于{}"),
    "<=": _verb("is at most {}", "is not at most {}", "至多为{}", "并非至多为{}"),
    ">": _verb("is more than {}", "is not more than {}", "大于{}", "不大于{}"),
    ">=": _verb("is at least {}", "is not at least {}", "至少为{}", "并非至少为{}"),
}
_BEFORE = _timely("before {}", "早于{}", "不早于{}")
_AFTER = _timely("after {}", "晚于{}", "不晚于{}")
_TIMES: dict[ir.Comparison, Verb] = {
    "==": _timely("{}", "等于{}", "不等于{}"),
    "<": _BEFORE,
    "<=": Verb(_AFTER.no, _AFTER.yes),
    ">": _AFTER,
    ">=": Verb(_BEFORE.no, _BEFORE.yes),
}
_AGO = _timely("more than {} ago", "距今超过{}", "距今不超过{}")
_AHEAD = _timely("more than {} ahead", "距今还有超过{}", "距今还有不超过{}")
_BETWEEN_TIMES = _timely("between {} and {}", "介于{}与{}之间", "不在{}与{}之间")
_BETWEEN = _verb(
    "is between {} and {}", "is not between {} and {}", "介于{}与{}之间", "不在{}与{}之间"
)
_LAST = _timely("in the last {}", "在最近{}内", "不在最近{}内")
_NEXT = _timely("in the next {}", "在未来{}内", "不在未来{}内")
_ON = _timely("on {}", "在{}当天", "不在{}当天")
_THIS = {
    "day": _timely("today", "在今天", "不在今天"),
    "week": _timely("this week", "在本周", "不在本周"),
    "month": _timely("this month", "在本月", "不在本月"),
    "quarter": _timely("this quarter", "在本季度", "不在本季度"),
    "year": _timely("this year", "在今年", "不在今年"),
}
_CALENDAR = {
    "day": _timely("in the last {} calendar days", "在最近{}个自然日内", "不在最近{}个自然日内"),
    "week": _timely("in the last {} calendar weeks", "在最近{}个自然周内", "不在最近{}个自然周内"),
    "month": _timely(
        "in the last {} calendar months", "在最近{}个自然月内", "不在最近{}个自然月内"
    ),
    "quarter": _timely(
        "in the last {} calendar quarters", "在最近{}个季度内", "不在最近{}个季度内"
    ),
    "year": _timely("in the last {} calendar years", "在最近{}个自然年内", "不在最近{}个自然年内"),
}
_LENGTHS = {
    "day": Span(days=1),
    "week": Span(days=7),
    "month": Span(months=1),
    "quarter": Span(months=3),
    "year": Span(months=12),
}
_ROUND_TODAY = _verb(
    "comes round today", "does not come round today", "的周年日是今天", "的周年日不是今天"
)
_ROUND = _verb(
    "comes round in the next {}",
    "does not come round in the next {}",
    "的周年日在未来{}内",
    "的周年日不在未来{}内",
)
_ONE_OF = _verb("is one of {}", "is none of {}", "属于{}之一", "不属于{}")
_HAS = _verb("include {}", "do not include {}", "含有{}", "不含{}")
_HAS_ANY = _verb(
    "include any of {}", "include none of {}", "含有{}中的任一项", "不含{}中的任何一项"
)
_HAS_ALL = _verb("include all of {}", "do not include all of {}", "含有全部{}", "未含有全部{}")
_TEXTS: dict[ir.TextTestName, Verb] = {
    "contains": _verb("contains {}", "does not contain {}", "包含{}", "不包含{}"),
    "starts_with": _verb("starts with {}", "does not start with {}", "以{}开头", "不以{}开头"),
    "ends_with": _verb("ends with {}", "does not end with {}", "以{}结尾", "不以{}结尾"),
}
_SET = _verb("is known", "is unknown", "已知", "未知")
_TRUE = _verb("is yes", "is not yes", "为是", "不为是")
ALWAYS = _verb("always", "never", "始终", "从不")


def said_of_values(node: ir.Predicate, nouns: Nouns) -> tuple[Verb, list[str]]:
    """The verb of a condition on values, and the words for its gaps."""
    match node:
        case ir.Compare():
            return _compared(node, nouns)
        case ir.Within():
            return _window(node, nouns)
        case ir.ComesRound(high=high):
            return (_ROUND, [_length(high.offset, nouns)]) if high.offset else (_ROUND_TODAY, [])
        case ir.OneOf():
            return _ONE_OF, [nouns.listing(map(nouns.literal, node.options))]
        case ir.Has():
            words = [nouns.listing(map(nouns.literal, node.wanted))]
            if len(node.wanted) == 1:
                return _HAS, words
            return (_HAS_ALL if node.every else _HAS_ANY), words
        case ir.TextTest():
            return _TEXTS[node.test], [nouns.literal(node.text)]
        case ir.IsSet():
            return _SET, []
        case ir.IsTrue():
            return _TRUE, []
        case _:
            return ALWAYS, []


def is_timely(value: ir.Value | ir.Items) -> bool:
    """Whether the value is a date or a time."""
    return ir.value_type(value) in ("date", "datetime")


def _compared(node: ir.Compare, nouns: Nouns) -> tuple[Verb, list[str]]:
    if not is_timely(node.left):
        return COMPARISONS[node.operator], [nouns.value(node.right)]
    match node.operator, node.right:
        case "<", ir.Moment(anchor="now" | "day", offset=away) if _all_past(away):
            return _AGO, [nouns.length(away)]
        case ">", ir.Moment(anchor="now" | "day", offset=away) if _all_past(-away):
            return _AHEAD, [nouns.length(away)]
        # times are compared with the starts of days: before the start of the next is not after
        case "<", ir.Moment(offset=offset) if offset == _ONE_DAY:
            return _TIMES["<="], [nouns.moment(_without_offset(node.right))]
        case ">=", ir.Moment(offset=offset) if offset == _ONE_DAY:
            return _TIMES[">"], [nouns.moment(_without_offset(node.right))]
    return _TIMES[node.operator], [nouns.value(node.right)]


def _all_past(span: Span) -> bool:
    return bool(span) and max(span.months, span.days, span.seconds) <= 0


def _without_offset(moment: ir.Moment) -> ir.Moment:
    return ir.Moment(moment.type, moment.anchor)


def _window(node: ir.Within, nouns: Nouns) -> tuple[Verb, list[str]]:
    low, high = node.low, node.high
    if not isinstance(low, ir.Moment) or not isinstance(high, ir.Moment):
        between = _BETWEEN_TIMES if is_timely(node.value) else _BETWEEN
        return between, [nouns.value(low), nouns.value(high)]
    last = high if node.closed else _day_before(high)
    if low.anchor == high.anchor and low.anchor in ("now", "day") and node.closed:
        if low.offset and not high.offset:
            return _LAST, [_length(low.offset, nouns)]
        if high.offset and not low.offset:
            return _NEXT, [_length(high.offset, nouns)]
    if isinstance(low.anchor, date) and low == last:
        return _ON, [low.anchor.isoformat()]
    periods = _whole_periods(low, last)
    if periods == 1:
        return _THIS[str(low.anchor)], []
    if periods:
        return _CALENDAR[str(low.anchor)], [str(periods)]
    return _BETWEEN_TIMES, [nouns.value(low), nouns.value(last)]


def _length(span: Span, nouns: Nouns) -> str:
    """A length behind "last" and "next", where one month is just the month."""
    words = nouns.length(span)
    one = nouns.language == "en" and words.startswith("1 ") and words.count(" ") == 1
    return words.removeprefix("1 ") if one else words


def _day_before(moment: ir.Moment) -> ir.Moment:
    offset = moment.offset
    return ir.Moment(moment.type, moment.anchor, Span(offset.months, offset.days - 1))


def _whole_periods(low: ir.Moment, last: ir.Moment) -> int:
    """How many whole periods around now, the current one the last, lie between two days; else 0."""
    unit = low.anchor
    if unit != last.anchor or not isinstance(unit, str) or unit not in _LENGTHS:
        return 0
    length = _LENGTHS[unit]
    if last.offset != Span(length.months, length.days - 1):
        return 0
    size, back = (
        (length.months, low.offset.months) if length.months else (length.days, low.offset.days)
    )
    if low.offset not in (Span(months=back), Span(days=back)) or back > 0 or back % size:
        return 0
    return 1 - back // size
