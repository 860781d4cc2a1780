"""When something happened: the last order was placed before a day, was created today."""

from __future__ import annotations

from engine.rules import ir
from engine.rules.fact import RecordKind
from engine.rules.facts import LIST_KINDS, RECORD_LABELS
from engine.rules.types import Label
from engine.rules.wording.nouns import Nouns
from engine.rules.wording.occurrences import Named, Phrase, event
from engine.rules.wording.verbs import said_of_values

_LAST, _FIRST = Label("the last {}", "最近一个{}"), Label("the first {}", "最早一个{}")
_LAST_TIME, _FIRST_TIME = Label("the last {}", "最近一次{}"), Label("the first {}", "首次{}")
_WHERE = Label("{} where {}", "满足“{1}”的{0}")
_OF = Label("{0}", "{0}的{1}")
_HAPPENED = ("happened", "did not happen")


def happening(node: ir.Predicate, nouns: Nouns, phrase: Phrase, *, truth: bool) -> str | None:
    """The sentence, or None when the condition is not about a deed and its time."""
    match node:
        case ir.Compare(left=ir.Aggregate() as value) | ir.Within(value=ir.Aggregate() as value):
            found = _extreme(value, nouns, phrase)
        case ir.Compare(left=ir.Field() as field) | ir.Within(value=ir.Field() as field):
            found = _deed(field, nouns)
        case _:
            return None
    if found is None:
        return None
    about, (be, be_not) = found
    verb, parts = said_of_values(node, nouns)
    said = nouns.say(verb.yes if truth else verb.no, *parts, be=be, be_not=be_not)
    gap = " " if nouns.language == "en" and about else ""
    return f"{about}{gap}{said}"


def _extreme(
    value: ir.Aggregate, nouns: Nouns, phrase: Phrase
) -> tuple[str, tuple[str, str]] | None:
    """The last or first of the items by a deed: "the last order", "was placed"."""
    if not isinstance(value.value, ir.Field) or value.function not in ("min", "max"):
        return None
    inside = nouns.inside(value.items)
    deed = _participle(LIST_KINDS[value.items.name], value.value.path, inside)
    if deed is None:
        return None
    latest = value.function == "max"
    if (named := Named.of(value.items, value.where)) is not None and named.window is None:
        what = event(named, nouns, phrase)
        return nouns.say(_LAST_TIME if latest else _FIRST_TIME, what), _HAPPENED
    item = nouns.item_name(value.items)
    if value.where != ir.TRUE:
        item = nouns.say(_WHERE, item, phrase(value.where, inside))
    one = nouns.say(_LAST if latest else _FIRST, item)
    return nouns.say(_OF, one, inside.value(value.value)), deed


def _deed(field: ir.Field, nouns: Nouns) -> tuple[str, tuple[str, str]] | None:
    """A record's own deed: "was created" of the contact, "account was created", "it was placed"."""
    if nouns.language != "en":
        return None
    kind: RecordKind = nouns.item or field.path[0]  # type: ignore[assignment]  # checked when parsed
    deed = _participle(kind, field.path if nouns.item else field.path[1:], nouns)
    if deed is None:
        return None
    if nouns.item:
        return "it", deed
    return ("" if kind == "contact" else RECORD_LABELS[kind].en), deed


def _participle(kind: RecordKind, path: ir.Path, nouns: Nouns) -> tuple[str, str] | None:
    """The verb of a deed whose time is kept, as placed_at; a label of one word names the deed."""
    fact = nouns.catalogue.fact(kind, ".".join(path))
    if fact is None or not fact.name.endswith("_at") or not fact.label.en.isalpha():
        return None
    if (kind, fact.name) == ("event", "occurred_at"):
        return _HAPPENED
    return f"was {fact.label.en}", f"was not {fact.label.en}"
