"""What the rooms of decision tables say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from designer.i18n import N_, Translator
from designer.rule_builder.wordings import capital, record_word
from engine.rules import Catalogue, Type
from engine.rules.building.choices import Place, fact_at
from engine.rules.tables import HitPolicy, OutputType, Table
from engine.rules.tables.table import RULE_COLUMN

ROOM: Final = "/tables"
POLICIES: Final[Mapping[HitPolicy, str]] = {
    HitPolicy.FIRST: N_("The first row that holds"),
    HitPolicy.ALL: N_("Every row that holds"),
    HitPolicy.HIGHEST: N_("The row with the highest score"),
}
OUTPUT_TYPES: Final[Mapping[OutputType, str]] = {
    OutputType.TEXT: N_("text"),
    OutputType.NUMBER: N_("number"),
    OutputType.BOOLEAN: N_("yes or no"),
    OutputType.DATE: N_("date"),
    OutputType.MONEY: N_("money"),
}
# What a cell may say, by the type of its fact; the examples are the grammar, not words.
HINTS: Final[Mapping[Type, str]] = {
    Type.TEXT: "SG · SG, MY · not SG · contains x · starts with x · known · unknown · any",
    Type.NUMBER: "500 · >= 500 · < 500, unknown · 10 to 20 · known · unknown · any",
    Type.MONEY: ">= 10000 USD · 100 to 200 EUR · known · unknown · any",
    Type.DATE: "2026-03-01 · < 2026-03-01 · last 30 days · this month · unknown · any",
    Type.DATETIME: "last 30 days · more than 3 months ago · today · < 2026-03-01 · unknown · any",
    Type.BOOLEAN: "yes · no · unknown · any",
    Type.SET: "vip, press · all of vip, press · none of vip · unknown · any",
    Type.PROPERTY: "pro · >= 100 · not pro · unknown · any",
}
OUTPUT_HINTS: Final[Mapping[OutputType, str]] = {
    OutputType.TEXT: "apac_team",
    OutputType.NUMBER: "24 · 2.5",
    OutputType.BOOLEAN: "yes · no",
    OutputType.DATE: "2026-03-01",
    OutputType.MONEY: "12.50 EUR",
}


def address_of(name: str) -> str:
    return f"{ROOM}/{name}"


def place_of(table: Table, catalogue: Catalogue) -> Place:
    reach = catalogue.reachable(event_rule=table.reads_event, subject=table.subject)
    return Place(reach, table.reads_event)


def type_of_column(column: str, table: Table, catalogue: Catalogue) -> Type | None:
    fact = fact_at(column, place_of(table, catalogue), catalogue)
    return None if fact is None else fact.type


def column_words(column: str, table: Table, catalogue: Catalogue, t: Translator) -> tuple[str, str]:
    """The heading of a condition column, and the quieter word below it."""
    if column == RULE_COLUMN:
        return t("A whole rule"), ""
    fact = fact_at(column, place_of(table, catalogue), catalogue)
    if fact is None:
        return column, t("not known")
    label = fact.label.in_language(t.short).removeprefix("properties.")
    return capital(label), record_word(column.partition(".")[0], t)


def example_words(example: Any, most: int = 8) -> str:
    """A made-up record as one line: country = SG, employees = 600."""
    found: list[str] = []
    _flatten("", example, found)
    return ", ".join(found[:most]) + (" …" if len(found) > most else "")


def _flatten(path: str, value: Any, found: list[str]) -> None:
    if isinstance(value, dict) and value and "currency" not in value:
        for key, inner in value.items():
            _flatten(f"{path}.{key}" if path else str(key), inner, found)
    elif isinstance(value, dict) and "currency" in value:
        found.append(f"{path} = {value.get('minor')} {value['currency']}")
    elif isinstance(value, list | tuple | set | frozenset):
        shown = ", ".join(str(one) for one in list(value)[:3] if not isinstance(one, dict))
        found.append(f"{path} = [{shown}]" if shown else f"{path}: {len(value)}")
    elif value is not None:
        found.append(f"{path} = {value}")
