"""From a record of a list to the cells of its row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from designer.components.data_table import Cell, Column
from designer.records.grid import GridRow
from designer.records.words import ROOMS, choice_words, field_name
from designer.visitor import Visitor
from engine.services.views.grids import GridField, GridLine, GridRecord
from engine.services.views.names import person_name

# The fields that name a record; they stand first and lead to it.
NAMING: Final[Mapping[GridRecord, str]] = {
    "contact": "name",
    "account": "name",
    "ticket": "subject",
}
_NUMBERS: Final = ("number", "money")
MOST_TAGS: Final = 4


def column_for(known: GridField, visitor: Visitor) -> Column:
    align = "right" if known.kind in _NUMBERS else "left"
    return Column(field_name(known, visitor.t), align)  # type: ignore[arg-type]


def row_for(
    record: GridRecord,
    line: GridLine,
    fields: list[GridField],
    visitor: Visitor,
    now: datetime,
) -> GridRow:
    here = f"{ROOMS[record]}/{line.id}"
    naming = NAMING[record]
    cells = [
        _name(record, line, here)
        if one.name == naming
        else Cell(visitor.t("Hidden"))
        if one.name in line.hidden
        else _cell(one, line.values, visitor, now)
        for one in fields
    ]
    return GridRow(tuple(cells), here, id=line.id)


def _name(record: GridRecord, line: GridLine, here: str) -> Cell:
    values = line.values
    match record:
        case "contact":
            sub = values["email"] if values["email"] != line.name else None
        case "account":
            sub = values["domain"]
        case "ticket":
            sub = f"#{line.id}"
    return Cell(line.name, here, sub=sub or "")


def _cell(known: GridField, values: Mapping[str, Any], visitor: Visitor, now: datetime) -> Cell:
    match known.name:
        case "owner_id":
            return Cell(values["owner"] or "")
        case "account_id":
            address = f"/accounts/{values['account_id']}" if values["account_id"] else None
            return Cell(values["account"] or "", address)
        case "contact_id":
            return _contact(values)
        case "tags":
            return _tags(values["tags"], visitor)
        case "annual_revenue_minor":
            return _money(values["annual_revenue_minor"], values["currency"], visitor)
    if known.name.startswith("custom."):
        value = (values.get("custom") or {}).get(known.name.removeprefix("custom."))
        return Cell(_custom(value, visitor))
    return _plain(known, values[known.name], visitor, now)


def _contact(values: Mapping[str, Any]) -> Cell:
    contact_id = values["contact_id"]
    if contact_id is None:
        return Cell("")
    name = person_name(values["first_name"], values["last_name"], values["email"], contact_id)
    return Cell(name, f"/contacts/{contact_id}")


def _tags(tags: list[str], visitor: Visitor) -> Cell:
    shown = ", ".join(tags[:MOST_TAGS])
    more = len(tags) - MOST_TAGS
    return Cell(visitor.t("{tags} and {count} more", tags=shown, count=more) if more > 0 else shown)


def _money(minor: int | None, currency: str | None, visitor: Visitor) -> Cell:
    if minor is None or currency is None:
        return Cell("")
    return Cell(visitor.formats.money(minor, currency))


def _plain(known: GridField, value: Any, visitor: Visitor, now: datetime) -> Cell:
    formats = visitor.formats
    match value:
        case None:
            return Cell("")
        case datetime():
            if known.name == "last_seen_at":
                return Cell(formats.ago(value, now))
            return Cell(formats.moment(value))
        case date():
            return Cell(formats.day(value))
    if known.kind == "choice":
        word, tone = choice_words(known.name, value, visitor.t)
        return Cell(word, tone=tone)
    if known.name in ("id", "year_founded"):
        return Cell(str(value))
    if known.kind == "number":
        # a score of nothing is no news
        return Cell(formats.number(value) if value else "")
    return Cell(str(value))


def _custom(value: Any, visitor: Visitor) -> str:
    match value:
        case None:
            return ""
        case bool():
            return visitor.t("yes") if value else visitor.t("no")
        case list():
            return ", ".join(str(one) for one in value)
        case int() | float():
            return visitor.formats.number(value)
    return str(value)
