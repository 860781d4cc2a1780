"""How often something is there: has done "Signed Up" once, has at least 2 orders, has no ticket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from engine.rules import ir
from engine.rules.types import Label
from engine.rules.wording.nouns import Nouns
from engine.rules.wording.verbs import said_of_values

Phrase = Callable[[ir.Predicate, Nouns], str]
Sign = Literal["==", "!=", "<", "<=", ">", ">="]

OPPOSITE: dict[Sign, Sign] = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
}
_EVENTS = ir.Items("events")
_HOW_MANY: dict[Sign, Label] = {
    "==": Label("exactly {}", "正好{}"),
    "!=": Label("not exactly {}", "不是正好{}"),
    "<": Label("fewer than {}", "少于{}"),
    "<=": Label("at most {}", "至多{}"),
    ">": Label("more than {}", "超过{}"),
    ">=": Label("at least {}", "至少{}"),
}
_ONCE, _TIMES = Label("once", "1次"), Label("{} times", "{}次")
_DONE = Label("has done {0}", "做过{0}")
_NOT_DONE = Label("has not done {0}", "没有做过{0}")
_DONE_TIMES = Label("has done {0} {1}", "做过{1}{0}")
_HAS = Label("has {0} {1}", "有{0}个{1}")
_HAS_NO = Label("has no {0}", "没有{0}")
_ITEMS_WHERE = Label("{0} where {1}", "满足“{1}”的{0}")


@dataclass(frozen=True, slots=True)
class Named:
    """A condition on events that asks for one name: the window it names, if any, and the rest."""

    name: ir.Scalar
    window: ir.Predicate | None
    rest: ir.Predicate

    @staticmethod
    def of(items: ir.Items, where: ir.Predicate) -> Named | None:
        """The name that is asked for, or None when these are not events of one name."""
        parts = where.parts if isinstance(where, ir.And) else (where,)
        match parts[0]:
            case ir.Compare("==", ir.Field(path=("name",)), ir.Literal(value=name)) if (
                items.name == "events"
            ):
                window = next((part for part in parts[1:2] if _is_window(part)), None)
                rest = parts[1:] if window is None else parts[2:]
                return Named(name, window, ir.And(rest) if rest else ir.TRUE)
        return None


def _is_window(part: ir.Predicate) -> bool:
    match part:
        case ir.Within(ir.Field(path=("occurred_at",))):
            return True
        case ir.Compare(left=ir.Field(path=("occurred_at",))):
            return True
        case _:
            return False


def occurs(
    items: ir.Items, where: ir.Predicate, nouns: Nouns, phrase: Phrase, *, some: bool
) -> str:
    """That there is one such item at all, or none."""
    if (named := Named.of(items, where)) is not None:
        return _told(_DONE if some else _NOT_DONE, named, nouns, phrase)
    if some:
        return nouns.say(_HAS, quantity(">=", "1", nouns), _such(items, where, nouns, phrase, 1))
    return nouns.say(_HAS_NO, _such(items, where, nouns, phrase, 1))


def counted(count: ir.Count, sign: Sign, number: ir.Scalar, nouns: Nouns, phrase: Phrase) -> str:
    """How many such items there are."""
    if (named := Named.of(count.items, count.where)) is not None:
        times = nouns.say(_ONCE) if number == 1 else nouns.say(_TIMES, str(number))
        return _told(_DONE_TIMES, named, nouns, phrase, quantity(sign, times, nouns))
    such = _such(count.items, count.where, nouns, phrase, number)
    return nouns.say(_HAS, quantity(sign, str(number), nouns), such)


def quantity(sign: Sign, number: str, nouns: Nouns) -> str:
    return nouns.say(_HOW_MANY[sign], number)


def event(named: Named, nouns: Nouns, phrase: Phrase) -> str:
    """The event by its name, with what its properties must be."""
    name = nouns.literal(named.name)
    if named.rest == ir.TRUE:
        return name
    return nouns.say(_ITEMS_WHERE, name, phrase(named.rest, nouns.inside(_EVENTS)))


def _told(said: Label, named: Named, nouns: Nouns, phrase: Phrase, times: str = "") -> str:
    """The deed with its window and what its properties must be: in English both come behind."""
    if nouns.language == "zh":
        return f"{_window(named, nouns)}{nouns.say(said, event(named, nouns, phrase), times)}"
    words = [nouns.say(said, nouns.literal(named.name), times), _window(named, nouns)]
    if named.rest != ir.TRUE:
        words.append(f"where {phrase(named.rest, nouns.inside(_EVENTS))}")
    return " ".join(filter(None, words))


def _window(named: Named, nouns: Nouns) -> str:
    if named.window is None:
        return ""
    verb, parts = said_of_values(named.window, nouns.inside(_EVENTS))
    return nouns.say(verb.yes, *parts, be="", be_not="not").strip()


def _such(
    items: ir.Items, where: ir.Predicate, nouns: Nouns, phrase: Phrase, number: ir.Scalar
) -> str:
    one = number == 1 or nouns.language == "zh"
    name = nouns.item_name(items) if one else nouns.list_name(items)
    if where == ir.TRUE:
        return name
    return nouns.say(_ITEMS_WHERE, name, phrase(where, nouns.inside(items)))
