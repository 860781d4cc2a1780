"""Changes in words: country changed to "MY", country was "SG" at some time in the last 30 days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from engine.local_time import Span
from engine.rules import ir
from engine.rules.types import Label
from engine.rules.wording.nouns import Nouns
from engine.rules.wording.verbs import Verb

Phrase = Callable[[ir.Predicate, Nouns], str]


def _verb(yes: str, no: str, yes_zh: str, no_zh: str) -> Verb:
    return Verb(Label(yes, yes_zh), Label(no, no_zh))


_CHANGED = _verb("{} changed", "{} did not change", "{}发生了变化", "{}没有变化")
_TURNED = {
    "new": _verb("{} changed to {}", "{} did not change to {}", "{}变为{}", "{}没有变为{}"),
    "old": _verb("{} changed from {}", "{} did not change from {}", "{}由{}变走", "{}没有由{}变走"),
    "added": _verb(
        "{1} was added to {0}", "{1} was not added to {0}", "{}添加了{}", "{}没有添加{}"
    ),
    "removed": _verb(
        "{1} was removed from {0}", "{1} was not removed from {0}", "{}移除了{}", "{}没有移除{}"
    ),
}
_GREW = _verb(
    "{} increased by at least {}",
    "{} did not increase by at least {}",
    "{}至少增加了{}",
    "{}没有增加{}以上",
)
_WAS = _verb(
    "{0} was {1} at some time{2}", "{0} was at no time {1}{2}", "{2}{0}曾为{1}", "{2}{0}从未为{1}"
)
_INCLUDED = _verb(
    "{0} included {1} at some time{2}",
    "{0} at no time included {1}{2}",
    "{2}{0}曾含有{1}",
    "{2}{0}从未含有{1}",
)
_SO = _verb("at some time{2}: {1}", "at no time{2}: {1}", "{2}曾有一时：{1}", "{2}从未有过：{1}")
_LAST = Label(" in the last {}", "在最近{}内")
_AFTER = Label(" after {}", "在{}之后")
_SINCE = Label(" since {}", "自{}起")
_ONE_DAY = Span(days=1)


def told(node: ir.Predicate, nouns: Nouns, *, truth: bool) -> str | None:
    """A condition on what the event says has changed, or None when it is about something else."""
    match node:
        case ir.IsSet(ir.Field(path=("event", "changes", _, _) as path)):
            return _say(_CHANGED, truth, nouns, nouns.field(path))
        case ir.Compare(
            "==", ir.Field(path=("event", "changes", *_, "old" | "new" as side) as path), right
        ):
            words = nouns.field(path[:4]), nouns.value(right)
            return _say(_TURNED[side], truth, nouns, *words)
        case ir.Has(ir.Field(path=("event", "changes", *_, side) as path), (name,)):
            sides = {"old": "removed", "new": "added"}
            words = nouns.field(path[:4]), nouns.literal(name)
            return _say(_TURNED[sides.get(side, side)], truth, nouns, *words)
        case ir.Compare(
            ">=", ir.Arithmetic("-", ir.Field(path=("event", "changes", *_) as path)), least
        ):
            return _say(_GREW, truth, nouns, nouns.field(path[:4]), nouns.value(least))
        case _:
            return None


def once(node: ir.Predicate, nouns: Nouns, phrase: Phrase, *, truth: bool) -> str | None:
    """That a field had a value at some time, or None when the condition says something else."""
    match node:
        case ir.Or(
            (
                now,
                ir.Quantified("some", ir.Items("changes"), ir.And((about, *window, ir.Or()))),
            )
        ) if _is_about_field(about):
            since = "".join(_since(part, nouns) for part in window)
        case _:
            return None
    match now:
        case ir.Compare("==", ir.Field() as field, right):
            return _say(_WAS, truth, nouns, nouns.value(field), nouns.value(right), since)
        case ir.Has(ir.Field() as field, (name,)):
            return _say(_INCLUDED, truth, nouns, nouns.value(field), nouns.literal(name), since)
        case _:
            return _say(_SO, truth, nouns, "", phrase(now, nouns), since)


def _say(verb: Verb, truth: bool, nouns: Nouns, *parts: str) -> str:
    return nouns.say(verb.yes if truth else verb.no, *parts)


def _is_about_field(part: ir.Predicate) -> bool:
    match part:
        case ir.Compare("==", ir.Field(path=("field",)), ir.Literal()):
            return True
        case _:
            return False


def _since(part: ir.Predicate, nouns: Nouns) -> str:
    match part:
        case ir.Compare(right=ir.Moment(anchor="now", offset=back)):
            return nouns.say(_LAST, nouns.length(back))
        case ir.Compare(right=ir.Moment(anchor=date() as day, offset=later)) if later == _ONE_DAY:
            return nouns.say(_AFTER, day.isoformat())
        case ir.Compare(right=ir.Moment() as start):
            return nouns.say(_SINCE, nouns.moment(start))
        case ir.Compare(right=right):
            return nouns.say(_SINCE, nouns.value(right))
        case _:
            return ""
