"""What the builder says: joins, units, record lists, and values of closed sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from designer.i18n import N_, Translator
from designer.terms import LIFECYCLE_STAGES, toned
from engine.rules import Catalogue
from engine.rules.building.choices import Place, fact_at
from engine.rules.building.tree import EventTime, Fact, Join, Operand, Quantifier, Total
from engine.rules.facts import LIST_KINDS, LIST_LABELS, RECORD_LABELS
from engine.rules.operators import find
from engine.rules.types import Type

JOINS: Final[Mapping[Join, str]] = {"all": N_("All"), "any": N_("Any"), "none": N_("None")}
JOIN_WORDS: Final[Mapping[Join, str]] = {
    "all": N_("of these must hold"),
    "any": N_("of these is enough"),
    "none": N_("of these may hold"),
}
QUANTIFIERS: Final[Mapping[Quantifier, str]] = {
    "some": N_("at least one"),
    "none": N_("no"),
    "all": N_("every"),
}
UNIT_WORDS: Final[Mapping[str, str]] = {
    "minutes": N_("minutes"),
    "hours": N_("hours"),
    "days": N_("days"),
    "weeks": N_("weeks"),
    "months": N_("months"),
    "quarters": N_("quarters"),
    "years": N_("years"),
}
ANCHOR_WORDS: Final[Mapping[str, str]] = {
    "now": N_("now"),
    "day": N_("today"),
    "week": N_("the start of this week"),
    "month": N_("the start of this month"),
    "quarter": N_("the start of this quarter"),
    "year": N_("the start of this year"),
}
FUNCTION_WORDS: Final[Mapping[str, str]] = {
    "count": N_("Number of {records}"),
    "sum": N_("Sum of {field} over {records}"),
    "money_sum": N_("Sum of {field} over {records}"),
    "avg_of": N_("Average {field} of {records}"),
    "min": N_("Smallest {field} of {records}"),
    "max": N_("Largest {field} of {records}"),
}
# The extremes of times have words of their own.
TIME_WORDS: Final[Mapping[str, str]] = {
    "min": N_("Earliest {field} of {records}"),
    "max": N_("Latest {field} of {records}"),
}
EVENT_TIMES: Final[Mapping[str, str]] = {
    "first_done": N_("First time of an event"),
    "last_done": N_("Last time of an event"),
}
TYPE_ICONS: Final[Mapping[Type, str]] = {
    Type.TEXT: "notes",
    Type.NUMBER: "tag",
    Type.MONEY: "payments",
    Type.BOOLEAN: "toggle_on",
    Type.DATE: "event",
    Type.DATETIME: "schedule",
    Type.SET: "sell",
    Type.LIST: "list",
    Type.PROPERTY: "data_object",
}
TYPE_WORDS: Final[Mapping[Type, str]] = {
    Type.TEXT: N_("text"),
    Type.NUMBER: N_("number"),
    Type.MONEY: N_("money"),
    Type.BOOLEAN: N_("yes or no"),
    Type.DATE: N_("date"),
    Type.DATETIME: N_("time"),
    Type.SET: N_("tags"),
    Type.LIST: N_("list"),
    Type.PROPERTY: N_("property"),
}


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def operator_word(name: str, t: Translator) -> str:
    entry = find(name)
    return name if entry is None else entry.label.in_language(t.short)


def list_word(name: str, t: Translator) -> str:
    label = LIST_LABELS.get(name)
    return name if label is None else label.in_language(t.short)


def record_word(kind: str, t: Translator) -> str:
    label = RECORD_LABELS.get(kind)
    return kind if label is None else label.in_language(t.short)


def value_word(path: str | None, value: str, t: Translator) -> str:
    """One of a closed set's values, for people."""
    if (path or "").endswith("lifecycle_stage") and value in LIFECYCLE_STAGES:
        return toned(LIFECYCLE_STAGES, value, t)[0]
    return value.replace("_", " ")


def fact_word(path: str | None, place: Place, catalogue: Catalogue, t: Translator) -> str:
    """A field's name, with its record where that is not the subject's own contact."""
    fact = fact_at(path, place, catalogue)
    if fact is None:
        return path or t("Choose what to ask")
    label = fact.label.in_language(t.short)
    if label.startswith("properties."):
        label = label.removeprefix("properties.")
    return capital(label)


def record_of(path: str | None, place: Place) -> str:
    """The kind of record whose field a path names."""
    if place.items is not None:
        return LIST_KINDS[place.items]
    return (path or "").partition(".")[0]


def operand_words(
    left: Operand, place: Place, catalogue: Catalogue, t: Translator
) -> tuple[str, str]:
    """What is asked about, and the quieter word for where it comes from."""
    match left:
        case Fact(path=path, in_base=in_base):
            name = fact_word(path, place, catalogue, t)
            record = record_word(record_of(path, place), t) if path else ""
            if in_base:
                record = t("{record}, in base currency", record=record)
            return name, record
        case Total():
            return total_words(left, catalogue, t), ""
        case EventTime(which=which):
            return t(EVENT_TIMES[which]), ""


def total_words(total: Total, catalogue: Catalogue, t: Translator) -> str:
    """What is worked out over a list: "Average items of orders"."""
    fact = fact_at(total.of, Place((), items=total.list), catalogue)
    field = total.of or "" if fact is None else fact.label.in_language(t.short)
    words = FUNCTION_WORDS[total.function]
    if fact is not None and fact.type in (Type.DATE, Type.DATETIME):
        words = TIME_WORDS.get(total.function, words)
    return t(words, records=list_word(total.list, t), field=field)
