"""A condition in words: "country is "SG" and score is at least 40"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.local_time import Span
from engine.rules import ir
from engine.rules.facts import Catalogue
from engine.rules.types import Label, Language
from engine.rules.wording.nouns import Nouns


@dataclass(frozen=True, slots=True)
class Verb:
    """How a condition is said of its subject, and how its opposite is."""

    yes: Label
    no: Label


def _verb(yes: str, no: str, yes_zh: str, no_zh: str) -> Verb:
    return Verb(Label(yes, yes_zh), Label(no, no_zh))


_COMPARISONS: dict[ir.Comparison, Verb] = {
    "==": _verb("is {}", "is not {}", "等于{}", "不等于{}"),
    "<": _verb("is less than {}", "is not less than {}", "小于{}", "不小于{}"),
    "<=": _verb("is at most {}", "is not at most {}", "至多为{}", "并非至多为{}"),
    ">": _verb("is more than {}", "is not more than {}", "大于{}", "不大于{}"),
    ">=": _verb("is at least {}", "is not at least {}", "至少为{}", "并非至少为{}"),
}
_TIMES: dict[ir.Comparison, Verb] = {
    "==": _verb("is {}", "is not {}", "等于{}", "不等于{}"),
    "<": _verb("is before {}", "is not before {}", "早于{}", "不早于{}"),
    "<=": _verb("is not after {}", "is after {}", "不晚于{}", "晚于{}"),
    ">": _verb("is after {}", "is not after {}", "晚于{}", "不晚于{}"),
    ">=": _verb("is not before {}", "is before {}", "不早于{}", "早于{}"),
}
_BETWEEN = _verb(
    "is between {} and {}", "is not between {} and {}", "介于{}与{}之间", "不在{}与{}之间"
)
_LAST = _verb("is in the last {}", "is not in the last {}", "在最近{}内", "不在最近{}内")
_NEXT = _verb("is in the next {}", "is not in the next {}", "在未来{}内", "不在未来{}内")
_ON = _verb("is on {}", "is not on {}", "在{}当天", "不在{}当天")
_THIS = {
    "day": _verb("is today", "is not today", "在今天", "不在今天"),
    "week": _verb("is this week", "is not this week", "在本周", "不在本周"),
    "month": _verb("is this month", "is not this month", "在本月", "不在本月"),
    "quarter": _verb("is this quarter", "is not this quarter", "在本季度", "不在本季度"),
    "year": _verb("is this year", "is not this year", "在今年", "不在今年"),
}
_ONE_OF = _verb("is one of {}", "is none of {}", "属于{}之一", "不属于{}")
_HAS_ANY = _verb("has any of {}", "has none of {}", "含有{}中的任一项", "不含{}中的任何一项")
_HAS = _verb("has {}", "does not have {}", "含有{}", "不含{}")
_HAS_ALL = _verb("has all of {}", "does not have all of {}", "含有全部{}", "未含有全部{}")
_TEXTS: dict[ir.TextTestName, Verb] = {
    "contains": _verb("contains {}", "does not contain {}", "包含{}", "不包含{}"),
    "starts_with": _verb("starts with {}", "does not start with {}", "以{}开头", "不以{}开头"),
    "ends_with": _verb("ends with {}", "does not end with {}", "以{}结尾", "不以{}结尾"),
}
_SET = _verb("is known", "is unknown", "已知", "未知")
_TRUE = _verb("is yes", "is not yes", "为是", "不为是")
_QUANTIFIERS: dict[ir.QuantifierName, Verb] = {
    "some": _verb(
        "include one where {}", "include none where {}", "中至少一个满足“{}”", "中没有满足“{}”的"
    ),
    "none": _verb(
        "include none where {}", "include one where {}", "中没有满足“{}”的", "中至少一个满足“{}”"
    ),
    "every": _verb("all have {}", "do not all have {}", "全部满足“{}”", "并非全部满足“{}”"),
}
_ALWAYS = _verb("always", "never", "始终", "从不")
_AND, _OR = Label(" and ", "且"), Label(" or ", "或")
_NOT = Label("not ({})", "并非（{}）")
_IF = Label("if {}: {}; otherwise: {}", "若{}则{}，否则{}")


def describe(node: ir.Predicate, language: Language, catalogue: Catalogue) -> str:
    """A checked condition in words."""
    return phrase(node, Nouns(catalogue, language))


def phrase(node: ir.Predicate, nouns: Nouns) -> str:
    match node:
        case ir.Constant(truth):
            return nouns.say(_ALWAYS.yes if truth else _ALWAYS.no)
        case ir.And(parts):
            return nouns.say(_AND).join(_grouped(part, nouns) for part in parts)
        case ir.Or(parts):
            return nouns.say(_OR).join(_grouped(part, nouns) for part in parts)
        case ir.Not(ir.And() | ir.Or() | ir.Either() as part):
            return nouns.say(_NOT, phrase(part, nouns))
        case ir.Not(part):
            return _leaf(part, nouns, truth=False)
        case ir.Either(test, then, otherwise):
            return nouns.say(_IF, *(_grouped(part, nouns) for part in (test, then, otherwise)))
        case _:
            return _leaf(node, nouns, truth=True)


def _grouped(node: ir.Predicate, nouns: Nouns) -> str:
    words = phrase(node, nouns)
    if not isinstance(node, ir.And | ir.Or | ir.Either):
        return words
    return f"({words})" if nouns.language == "en" else f"（{words}）"


def _leaf(node: ir.Predicate, nouns: Nouns, *, truth: bool) -> str:
    gap = " " if nouns.language == "en" else ""
    return gap.join(filter(None, (subject(node, nouns), verb(node, nouns, truth=truth))))


def subject(node: ir.Predicate, nouns: Nouns) -> str:
    """What a leaf condition is about."""
    match node:
        case ir.Compare(left=ir.Count() | ir.Aggregate() as left):
            where = "" if left.where == ir.TRUE else phrase(left.where, nouns.inside(left.items))
            return nouns.value(left, where)
        case ir.Compare():
            return nouns.value(node.left)
        case ir.Has():
            return nouns.value(node.set)
        case ir.IsTrue() | ir.Within() | ir.OneOf() | ir.TextTest() | ir.IsSet():
            return nouns.value(node.value)
        case ir.Quantified():
            return nouns.list_name(node.items)
        case _:
            return ""


def verb(node: ir.Predicate, nouns: Nouns, *, truth: bool) -> str:
    """What a leaf condition says of its subject, or that it is not so."""
    found, parts = _said(node, nouns)
    return nouns.say(found.yes if truth else found.no, *parts)


def _said(node: ir.Predicate, nouns: Nouns) -> tuple[Verb, list[str]]:
    match node:
        case ir.Compare():
            timely = ir.value_type(node.left) in ("date", "datetime")
            table = _TIMES if timely else _COMPARISONS
            return table[node.operator], [nouns.value(node.right)]
        case ir.Within():
            return _window(node, nouns)
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
        case ir.Quantified():
            return _QUANTIFIERS[node.quantifier], [phrase(node.where, nouns.inside(node.items))]
        case _:
            return _ALWAYS, []


def _window(node: ir.Within, nouns: Nouns) -> tuple[Verb, list[str]]:
    match node.low, node.high:
        case ir.Moment(anchor="now" | "day") as low, ir.Moment() as high if (
            low.anchor == high.anchor and node.closed
        ):
            if low.offset and not high.offset:
                return _LAST, [nouns.length(low.offset)]
            if high.offset and not low.offset:
                return _NEXT, [nouns.length(high.offset)]
        case ir.Moment(anchor=date() as day), ir.Moment() as high if _one_long(node, "day"):
            return _ON, [day.isoformat()]
        case ir.Moment(anchor=str(unit), offset=ir.NO_SPAN), ir.Moment() if _one_long(node, unit):
            return _THIS[unit], []
    return _BETWEEN, [nouns.value(node.low), nouns.value(node.high)]


_LENGTHS = {
    "day": Span(days=1),
    "week": Span(days=7),
    "month": Span(months=1),
    "quarter": Span(months=3),
    "year": Span(months=12),
}


def _one_long(node: ir.Within, unit: str) -> bool:
    """Whether the window is one whole unit from its first day on, however it is written."""
    low, high = node.low, node.high
    assert isinstance(low, ir.Moment)
    if unit not in _LENGTHS or not isinstance(high, ir.Moment) or low.anchor != high.anchor:
        return False
    length = _LENGTHS[unit]
    if node.closed:
        length = Span(length.months, length.days - 1)
    return high.offset == length and not low.offset
