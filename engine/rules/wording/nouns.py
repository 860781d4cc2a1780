"""The things a rule speaks of, in words: facts, literals, moments and lengths of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from engine.local_time import Span
from engine.rules import ir
from engine.rules.fact import RecordKind
from engine.rules.facts import LIST_KINDS, LIST_LABELS, RECORD_LABELS, Catalogue
from engine.rules.types import Label, Language

_UNKNOWN = Label("unknown", "未知")
_YES, _NO = Label("yes", "是"), Label("no", "否")
_NOW = Label("now", "现在")
_AGO, _AHEAD = Label("{} ago", "{}前"), Label("in {}", "{}后")
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
}
_COUNT = Label("number of {}", "{}数量")
_WHERE = Label("{} where {}", "满足“{1}”的{0}")
_CURRENCY = Label("currency of {}", "{}的币种")
_SHOWN_ITEMS = 8


@dataclass(frozen=True, slots=True)
class Nouns:
    """Names things in one language. `item` is the kind of record in whose list the words are, if
    any.
    """

    catalogue: Catalogue
    language: Language
    item: RecordKind | None = None

    def say(self, label: Label, *parts: str) -> str:
        """A label with its gaps filled."""
        return label.in_language(self.language).format(*parts)

    def inside(self, items: ir.Items) -> Nouns:
        return Nouns(self.catalogue, self.language, LIST_KINDS[items.name])

    def list_name(self, items: ir.Items) -> str:
        return LIST_LABELS[items.name].in_language(self.language)

    def field(self, path: ir.Path) -> str:
        """The label of a fact; what belongs to another record than the contact says to which."""
        kind: RecordKind = self.item or path[0]  # type: ignore[assignment]  # checked when parsed
        name = path if self.item else path[1:]
        label = self._label(kind, name)
        if self.item or kind == "contact":
            return label
        record = RECORD_LABELS[kind].in_language(self.language)
        return f"{record} {label}" if self.language == "en" else f"{record}{label}"

    def _label(self, kind: RecordKind, name: ir.Path) -> str:
        if name[0] == "properties":
            return ".".join(name[1:])
        fact = self.catalogue.fact(kind, ".".join(name))
        if fact is not None:
            return fact.label.in_language(self.language)
        whole = self._label(kind, name[:-1]) if len(name) > 1 else name[0]
        return self.say(_CURRENCY, whole) if name[-1] == "currency" else whole

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
                return f"({self.value(node.left)} {node.sign} {self.value(node.right)})"
            case ir.Choice():
                return f"{self.value(node.then)} / {self.value(node.otherwise)}"
            case ir.Count():
                return self.say(_COUNT, self._narrowed(node.items, where))
            case ir.Aggregate():
                value = self.inside(node.items).value(node.value)
                narrowed = self._narrowed(node.items, where)
                return self.say(_AGGREGATES[node.function], value, narrowed)

    def _narrowed(self, items: ir.Items, where: str) -> str:
        name = self.list_name(items)
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

    def listing(self, words: Iterable[str]) -> str:
        all_words = list(words)
        shown = all_words[:_SHOWN_ITEMS] + (["…"] if len(all_words) > _SHOWN_ITEMS else [])
        return (", " if self.language == "en" else "、").join(shown)

    def moment(self, moment: ir.Moment) -> str:
        if isinstance(moment.anchor, date):
            day = moment.anchor.isoformat()
            return f"{day} + {self.length(moment.offset)}" if moment.offset else day
        anchor = _NOW if moment.anchor == "now" else _PERIODS[moment.anchor]
        if not moment.offset:
            return self.say(anchor)
        earlier = min(moment.offset.months, moment.offset.days, moment.offset.seconds) < 0
        away = self.say(_AGO if earlier else _AHEAD, self.length(moment.offset))
        if moment.anchor in ("now", "day"):
            return away
        return f"{self.say(anchor)} ({away})"

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
        return " ".join(self._quantity(size, unit) for size, unit in parts if size)

    def _quantity(self, size: int, unit: Label) -> str:
        word = unit.in_language(self.language)
        plural = "s" if self.language == "en" and size != 1 else ""
        return f"{size} {word}{plural}"
