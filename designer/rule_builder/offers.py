"""Everything a condition can be about, as a list to search in. Pure: no screen in here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from designer.i18n import N_, Translator
from designer.rule_builder.wordings import (
    EVENT_TIMES,
    TYPE_ICONS,
    TYPE_WORDS,
    capital,
    list_word,
    record_word,
    total_words,
)
from engine.rules import Catalogue, Type
from engine.rules import Fact as CatalogueFact
from engine.rules.building.choices import Place, about
from engine.rules.building.tree import (
    Comparison,
    EventTime,
    Fact,
    Function,
    Happened,
    Membership,
    Node,
    Operand,
    Quiet,
    Records,
    Total,
    Which,
    Written,
)
from engine.rules.facts import LIST_KINDS

_PROPERTY: Final = "properties."
_MOST_PARTS: Final = 5


@dataclass(frozen=True, slots=True)
class Offer:
    """`make` gives a new condition; `operand` is what it compares, where it compares one thing."""

    group: str
    name: str
    hint: str
    symbol: str
    make: Callable[[], Node]
    operand: Operand | None = None
    searched: str = ""

    def found_by(self, words: list[str]) -> bool:
        return all(word in self.searched for word in words)


def offers(
    place: Place, catalogue: Catalogue, t: Translator, *, segments: bool = True
) -> list[Offer]:
    """What a new condition in this place may be about."""
    if place.items is not None:
        return list(_of_items(place, catalogue, t))
    return [
        *_of_facts(place, catalogue, t),
        *_of_events(t),
        *_of_lists(catalogue, t),
        *(_of_segments(catalogue, t) if segments else ()),
        _as_json(t),
    ]


def found(known: list[Offer], typed: str, place: Place, t: Translator) -> list[Offer]:
    """Those that have every word that was typed; of an event also the property of that name."""
    words = typed.casefold().split()
    matching = [one for one in known if one.found_by(words)]
    named = _property_path(typed, place)
    if named is not None:
        matching.append(_property(named, typed, t))
    return matching


def _offer(
    group: str, name: str, hint: str, symbol: str, make: Callable[[], Node], also: str = ""
) -> Offer:
    return Offer(group, name, hint, symbol, make, None, f"{name} {group} {also}".casefold())


def _operand_offer(
    left: Operand,
    name: str,
    group: str,
    fact: CatalogueFact,
    t: Translator,
    *,
    make: Callable[[], Node],
) -> Offer:
    hint = t(TYPE_WORDS.get(fact.type, N_("text")))
    also = f"{fact.name} {fact.label.en} {fact.label.zh} {' '.join(fact.values)}"
    searched = f"{name} {group} {also}".casefold()
    return Offer(group, name, hint, TYPE_ICONS.get(fact.type, "notes"), make, left, searched)


def _of_facts(place: Place, catalogue: Catalogue, t: Translator) -> Iterator[Offer]:
    for kind in place.reach:
        group = capital(record_word(kind, t))
        # numbers of records are what people ask for least
        named = sorted(catalogue.records[kind].items(), key=lambda one: one[0].endswith("id"))
        for name, fact in named:
            path = f"{kind}.{name}"
            if path == "contact.segments":
                continue
            yield _fact_offer(path, fact, group, place, catalogue, t)
            if fact.in_base:
                yield _in_base_offer(path, fact, group, place, catalogue, t)


def _fact_offer(
    path: str,
    fact: CatalogueFact,
    group: str,
    place: Place,
    catalogue: Catalogue,
    t: Translator,
) -> Offer:
    left = Fact(path)
    name = capital(fact.label.in_language(t.short))
    return _operand_offer(left, name, group, fact, t, make=lambda: about(left, place, catalogue))


def _in_base_offer(
    path: str,
    fact: CatalogueFact,
    group: str,
    place: Place,
    catalogue: Catalogue,
    t: Translator,
) -> Offer:
    left = Fact(path, in_base=True)
    label = capital(fact.label.in_language(t.short))
    name = t("{amount} in base currency", amount=label)
    return _operand_offer(left, name, group, fact, t, make=lambda: about(left, place, catalogue))


def _of_items(place: Place, catalogue: Catalogue, t: Translator) -> Iterator[Offer]:
    assert place.items is not None
    kind = LIST_KINDS[place.items]
    group = capital(record_word(kind, t))
    for name, fact in catalogue.records[kind].items():
        yield _fact_offer(name, fact, group, place, catalogue, t)
        if fact.in_base:
            yield _in_base_offer(name, fact, group, place, catalogue, t)


def _of_events(t: Translator) -> Iterator[Offer]:
    group = t("What they did")
    yield _offer(
        group,
        t("Did something, so many times"),
        t("event"),
        "bolt",
        lambda: Happened(window=("in_last", 30, "days")),
        "event performed done 事件",
    )
    yield _offer(
        group,
        t("Did not do something"),
        t("event"),
        "block",
        lambda: Happened(how="not_done", window=("in_last", 30, "days")),
        "event not done never 事件",
    )
    yield _offer(
        group,
        t("Known for a while, and quiet"),
        t("event"),
        "bedtime",
        Quiet,
        "event inactive 事件",
    )
    for which, name in EVENT_TIMES.items():
        yield _event_time(group, which, t(name), t)


def _event_time(group: str, which: str, name: str, t: Translator) -> Offer:
    chosen: Which = "first_done" if which == "first_done" else "last_done"

    def make() -> Node:
        return Comparison(EventTime(chosen), "in_last", (30, "days"))

    return _offer(group, name, t(TYPE_WORDS[Type.DATETIME]), "schedule", make, "event 事件")


def _of_lists(catalogue: Catalogue, t: Translator) -> Iterator[Offer]:
    for name, kind in LIST_KINDS.items():
        if name == "changes":
            continue
        records = list_word(name, t)
        group = capital(records)
        yield _records(group, name, t)
        said = total_words(Total("count", name), catalogue, t)
        yield _total(group, "count", name, None, said, t, Type.NUMBER)
        for field, fact in catalogue.records[kind].items():
            functions: tuple[Function, ...] = ()
            if fact.type is Type.MONEY:
                functions = ("money_sum",)
            elif fact.type is Type.NUMBER and not field.endswith("id"):
                functions = ("sum", "avg_of", "min", "max")
            elif fact.type in (Type.DATE, Type.DATETIME):
                functions = ("max", "min")
            for function in functions:
                said = total_words(Total(function, name, field), catalogue, t)
                yield _total(group, function, name, field, said, t, fact.type)


def _records(group: str, name: str, t: Translator) -> Offer:
    said = t("Has {records} that are so", records=list_word(name, t))
    return _offer(group, said, t("list"), "checklist", lambda: Records("some", name), name)


def _total(
    group: str,
    function: Function,
    name: str,
    of: str | None,
    said: str,
    t: Translator,
    kind: Type,
) -> Offer:
    def make() -> Node:
        currency = "EUR" if function == "money_sum" else None
        left = Total(function, name, of, currency)
        if kind in (Type.DATE, Type.DATETIME):
            return Comparison(left, "in_last", (30, "days"))
        return Comparison(left, ">=", (None,))

    symbol = "functions" if function == "count" else "calculate"
    return _offer(group, said, t(TYPE_WORDS[kind]), symbol, make, f"{name} {of or ''}")


def _of_segments(catalogue: Catalogue, t: Translator) -> Iterator[Offer]:
    if catalogue.segments:
        yield _offer(
            t("Segments"),
            t("Is in a segment"),
            t("segment"),
            "groups",
            Membership,
            "member_of list 客户群",
        )


def _as_json(t: Translator) -> Offer:
    return _offer(
        t("Anything else"),
        t("A condition written as JSON"),
        "JSON",
        "data_object",
        lambda: Written({}),
        "json",
    )


def _property_path(typed: str, place: Place) -> str | None:
    """The path that typed words name as a property of an event, if they can be one."""
    name = typed.strip().removeprefix("event.").removeprefix(_PROPERTY).strip(".")
    possible = place.items == "events" or (place.items is None and "event" in place.reach)
    if not possible or not name or len(name) > 200 or len(name.split(".")) > _MOST_PARTS:
        return None
    if not all(name.split(".")):
        return None
    return f"{_PROPERTY}{name}" if place.items is not None else f"event.{_PROPERTY}{name}"


def _property(path: str, typed: str, t: Translator) -> Offer:
    name = path.rpartition(_PROPERTY)[2]
    left = Fact(path)
    return Offer(
        t("Properties of the event"),
        t("Property “{name}”", name=name),
        t(TYPE_WORDS[Type.PROPERTY]),
        TYPE_ICONS[Type.PROPERTY],
        lambda: Comparison(left, "==", (None,)),
        left,
        typed.casefold(),
    )
