"""The things a rule speaks of, in words: facts, literals, moments and lengths of time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision

from engine.local_time import Span
from engine.rules import ir
from engine.rules.fact import RecordKind
from engine.rules.facts import LIST_KINDS, LIST_LABELS, RECORD_LABELS, Catalogue
from engine.rules.types import Label, Language, Type

_UNKNOWN = Label("unknown", "未知")
_YES, _NO = Label("yes", "是"), Label("no", "否")
_NOW = Label("now", "现在")
_AGO, _AHEAD = Label("{} ago", "{}前"), Label("in {}", "{}后")
_BEFORE, _AFTER = Label("{} before {}", "{1}前{0}"), Label("{} after {}", "{1}后{0}")
_UNITS: tuple[tuple[int, Label], ...] = (
    (604_800, Label("week", "周")),
    (86_400, Label("day", "天")),
    (3_600, Label("hour", "小时")),
    (60, Label("minute", "分钟")),
    (1, Label("second", "秒")),
)
_MONTHS, _YEARS = Label("month", "个月"), Label("year", "年")
_PERIODS = {
    "day": Label("today", "今天"),
    "week": Label("the start of this week", "本周初"),
    "month": Label("the start of this month", "本月初"),
    "quarter": Label("the start of this quarter", "本季度初"),
    "year": Label("the start of this year", "今年初"),
}
_AGGREGATES = {
    "sum": Label("sum of {} of {}", "{1}的{0}总和"),
    "min": Label("smallest {} of {}", "{1}的最小{0}"),
    "max": Label("largest {} of {}", "{1}的最大{0}"),
    "avg": Label("average {} of {}", "{1}的平均{0}"),
}
# The extremes of times have words of their own.
_TIMES = {
    "min": Label("earliest {} of {}", "{1}的最早{0}"),
    "max": Label("latest {} of {}", "{1}的最晚{0}"),
}
_COUNT = Label("number of {}", "{}数量")
_WHERE = Label("{} where {}", "满足“{1}”的{0}")
_CHOICE = Label("{} if {}, else {}", "若{1}则为{0}，否则为{2}")
_CURRENCY = Label("currency of {}", "{}的币种")
_IN_BASE = Label("{} in base currency", "折合本位币的{}")
_SIDES = {
    "old": Label("previous {}", "原{}"),
    "new": Label("new {}", "新{}"),
    "added": Label("added {}", "新增{}"),
    "removed": Label("removed {}", "移除的{}"),
}
_SHOWN_ITEMS = 8


@dataclass(frozen=True, slots=True)
class Nouns:
    """Names things in one language. `item` is the kind of record in whose list the words are, if
    any; `phrase` says the conditions inside values, which are left out without it.
    """

    catalogue: Catalogue
    language: Language
    item: RecordKind | None = None
    phrase: Callable[[ir.Predicate, Nouns], str] | None = None

    def say(self, label: Label, *parts: str, be: str = "is", be_not: str = "is not") -> str:
        """A label with its gaps filled; `be` and `be_not` are the verb where an English sentence
        about a time has one.
        """
        return label.in_language(self.language).format(*parts, be=be, be_not=be_not)

    def inside(self, items: ir.Items) -> Nouns:
        return replace(self, item=LIST_KINDS[items.name])

    def list_name(self, items: ir.Items) -> str:
        return LIST_LABELS[items.name].in_language(self.language)

    def item_name(self, items: ir.Items) -> str:
        """One of the list: an order, an event."""
        return RECORD_LABELS[LIST_KINDS[items.name]].in_language(self.language)

    def field(self, path: ir.Path) -> str:
        """The label of a fact; what belongs to another record than the contact says to which."""
        if path[:2] == ("event", "changes"):
            return self._changed_field(path)
        kind: RecordKind = self.item or path[0]  # type: ignore[assignment]  # checked when parsed
        name = path if self.item else path[1:]
        label = self._label(kind, name)
        if self.item or kind == "contact":
            return label
        record = RECORD_LABELS[kind].in_language(self.language)
        return f"{record} {label}" if self.language == "en" else f"{record}{label}"

    def _changed_field(self, path: ir.Path) -> str:
        """A field of the record that the event tells of, with which of its values is meant."""
        field = replace(self, item=None).field((path[2], *path[3].split(".")))
        side = _SIDES.get(path[4]) if len(path) > 4 else None
        words = field if side is None else self.say(side, field)
        return self.say(_CURRENCY, words) if path[-1] == "currency" else words

    def _label(self, kind: RecordKind, name: ir.Path) -> str:
        if name[0] == "properties":
            return ".".join(name[1:])
        fact = self.catalogue.fact(kind, ".".join(name))
        if fact is not None:
            return fact.label.in_language(self.language)
        whole = self._label(kind, name[:-1]) if len(name) > 1 else name[0]
        parts = {"currency": _CURRENCY, "base": _IN_BASE}
        return self.say(parts[name[-1]], whole) if name[-1] in parts else whole

    def value(self, node: ir.Value | ir.Items, where: str = "") -> str:
        """A value expression; `where` describes the condition of a count or sum, if any."""
        match node:
            case ir.Items():
                return self.list_name(node)
            case ir.Literal():
                return self.literal(node.value)
            case ir.Moment():
                return self.moment(node)
            case ir.Field():
                return self.field(node.path)
            case ir.Arithmetic():
                return f"{self._operand(node.left)} {node.sign} {self._operand(node.right)}"
            case ir.Choice():
                then, otherwise = self.value(node.then), self.value(node.otherwise)
                test = self.phrase(node.test, self) if self.phrase else "…"
                return self.say(_CHOICE, then, test, otherwise)
            case ir.Count():
                return self.say(_COUNT, self._narrowed(node, where))
            case ir.Aggregate():
                value = self.inside(node.items).value(node.value)
                narrowed = self._narrowed(node, where)
                timely = ir.value_type(node) is not Type.NUMBER
                words = (_TIMES if timely else _AGGREGATES)[node.function]
                return self.say(words, value, narrowed)

    def _operand(self, node: ir.Value) -> str:
        words = self.value(node)
        simple = isinstance(node, ir.Literal | ir.Moment | ir.Field)
        return words if simple else f"({words})"

    def _narrowed(self, node: ir.Count | ir.Aggregate, where: str) -> str:
        name = self.list_name(node.items)
        if not where and self.phrase and node.where != ir.TRUE:
            where = self.phrase(node.where, self.inside(node.items))
        return self.say(_WHERE, name, where) if where else name

    def literal(self, value: Any) -> str:
        """A value that was written in a rule or read from a record."""
        match value:
            case None:
                return self.say(_UNKNOWN)
            case bool():
                return self.say(_YES if value else _NO)
            case str():
                return f'"{value}"' if self.language == "en" else f"“{value}”"
            case datetime():
                return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
            case date():
                return value.isoformat()
            case list() | tuple():
                return self.listing(map(self.literal, value)) or self.say(_UNKNOWN)
            case _:
                return str(value)

    def money(self, minor: ir.Scalar, currency: ir.Scalar) -> str:
        """An amount in its currency's own unit: "12.50 EUR"."""
        assert isinstance(minor, int)
        amount = Decimal(minor).scaleb(-get_currency_precision(str(currency)))
        return f"{amount:,f} {currency}"

    def listing(self, words: Iterable[str]) -> str:
        all_words = list(words)
        shown = all_words[:_SHOWN_ITEMS] + (["…"] if len(all_words) > _SHOWN_ITEMS else [])
        return (", " if self.language == "en" else "、").join(shown)

    def moment(self, moment: ir.Moment) -> str:
        if isinstance(moment.anchor, date):
            day = moment.anchor.isoformat()
            return self._moved(day, moment.offset) if moment.offset else day
        anchor = _NOW if moment.anchor == "now" else _PERIODS[moment.anchor]
        if not moment.offset:
            return self.say(anchor)
        if moment.anchor in ("now", "day"):
            away = _AGO if _is_earlier(moment.offset) else _AHEAD
            return self.say(away, self.length(moment.offset))
        return self._moved(self.say(anchor), moment.offset)

    def _moved(self, anchor: str, offset: Span) -> str:
        if min(offset.months, offset.days) < 0 < max(offset.months, offset.days):
            # the last day of a month is written as a month on and a day back
            anchor, offset = self._moved(anchor, Span(offset.months)), Span(days=offset.days)
        moved = _BEFORE if _is_earlier(offset) else _AFTER
        return self.say(moved, self.length(offset), anchor)

    def length(self, span: Span) -> str:
        """How long a span is, without its direction."""
        parts = []
        years, months = divmod(abs(span.months), 12)
        parts += [(years, _YEARS), (months, _MONTHS), (abs(span.days), _UNITS[1][1])]
        rest = abs(span.seconds)
        if rest and not rest % 86_400 and rest % 604_800:
            parts.append((rest // 86_400, _UNITS[1][1]))
            rest = 0
        for size, unit in _UNITS:
            parts.append((rest // size, unit))
            rest %= size
        gap = " " if self.language == "en" else ""
        return gap.join(self._quantity(size, unit) for size, unit in parts if size)

    def _quantity(self, size: int, unit: Label) -> str:
        word = unit.in_language(self.language)
        if self.language == "zh":
            return f"{size}{word}"
        return f"{size} {word}{'' if size == 1 else 's'}"


def _is_earlier(span: Span) -> bool:
    return min(span.months, span.days, span.seconds) < 0
