"""Typed fields that people add to their records: defining, listing, reading values, rule facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, cast, get_args

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import custom_fields as rows
from crm_store.models import CustomField
from engine.errors import Conflict, NotFound, Problem, Refused
from engine.rules.fact import RecordKind
from engine.rules.facts import Catalogue
from engine.rules.facts import CustomField as FactOfCustomField
from engine.rules.types import Label, Type
from engine.services import field_values
from engine.services.actor import Actor, Kind, allowed
from engine.services.audit import record as audit

TYPES: Final = (Type.TEXT, Type.NUMBER, Type.BOOLEAN, Type.DATE, Type.DATETIME, Type.SET)
# Records whose table has a `custom` column.
RECORDS: Final[tuple[RecordKind, ...]] = ("contact", "account", "deal")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,62}")
_MOST_VALUES = 500


@dataclass(frozen=True, slots=True)
class DefinedField:
    """`values` is the closed list a text or set may take; empty means any. A `retired` one is
    offered nowhere: its values and the rules that read them stay."""

    record: RecordKind
    key: str
    type: Type
    label: str
    label_zh: str | None = None
    values: tuple[str, ...] = ()
    retired: bool = False

    def read(self, value: object) -> Any:
        """The JSON value to store in `custom`; raises `ValueRefused`."""
        return _read(value, self)


async def define_custom_field(session: AsyncSession, actor: Actor, field: DefinedField) -> None:
    """Add a field. A second definition of the same key raises Conflict unless it is identical."""
    allowed(actor, "manage", cast(Kind, field.record))
    _refuse_wrong(field)
    row = {
        "record": field.record,
        "key": field.key,
        "label": field.label,
        "label_zh": field.label_zh,
        "type": str(field.type),
        "options": {"values": list(field.values)} if field.values else None,
    }
    if await rows.add_custom_field(session, row) is not None:
        await audit(
            session, actor, "create", "custom_field", f"{field.record}.{field.key}", None, row
        )
    elif field not in await list_custom_fields(session, field.record):
        raise Conflict(f'There is a {field.record} field "{field.key}" of another kind already.')


async def list_custom_fields(session: AsyncSession, record: RecordKind) -> Sequence[DefinedField]:
    """Those that can be filled in; retired ones are left out."""
    return [one for one in await all_custom_fields(session, record) if not one.retired]


async def all_custom_fields(session: AsyncSession, record: RecordKind) -> Sequence[DefinedField]:
    return [_defined(row) for row in await rows.custom_fields_of(session, record)]


async def change_custom_field(
    session: AsyncSession,
    actor: Actor,
    record: RecordKind,
    key: str,
    *,
    label: str,
    label_zh: str | None,
    values: Sequence[str],
) -> None:
    """Call a field something else, and let it take more values: rules may read those it has, so
    none can be taken away. Raises NotAllowed, NotFound and Refused."""
    allowed(actor, "manage", cast(Kind, record))
    known = await _held(session, record, key)
    new = replace(known, label=label.strip(), label_zh=label_zh, values=tuple(values))
    _refuse_wrong(new)
    if known.values and (gone := [one for one in known.values if one not in new.values]):
        message = f'"{gone[0]}" may stand in records and rules; it can only be added to.'
        raise Refused("The field was not changed.", [Problem("values", "value_gone", message)])
    if new.values and not known.values:
        message = "A field that takes any text cannot be narrowed to a list."
        raise Refused("The field was not changed.", [Problem("values", "narrowed", message)])
    await _change(session, actor, known, new, "edit")


async def retire_custom_field(
    session: AsyncSession, actor: Actor, record: RecordKind, key: str, *, retired: bool = True
) -> None:
    """Offer a field no more, or again. Raises NotAllowed and NotFound."""
    allowed(actor, "manage", cast(Kind, record))
    known = await _held(session, record, key)
    if known.retired != retired:
        verb = "retire" if retired else "bring_back"
        await _change(session, actor, known, replace(known, retired=retired), verb)


async def _held(session: AsyncSession, record: RecordKind, key: str) -> DefinedField:
    row = await rows.custom_field_for_change(session, record, key)
    if row is None:
        raise NotFound(f'There is no {record} field "{key[:80]}".')
    return _defined(row)


async def _change(
    session: AsyncSession, actor: Actor, known: DefinedField, new: DefinedField, verb: str
) -> None:
    before, after = _columns(known), _columns(new)
    await rows.change_custom_field(session, new.record, new.key, after)
    await audit(session, actor, verb, "custom_field", f"{new.record}.{new.key}", before, after)


def _columns(field: DefinedField) -> dict[str, Any]:
    """What of a field can change."""
    options: dict[str, Any] = {"values": list(field.values)} if field.values else {}
    if field.retired:
        options["retired"] = True
    return {"label": field.label, "label_zh": field.label_zh, "options": options or None}


def catalogue_with(fields: Iterable[CustomField]) -> Catalogue:
    """The standard facts and these fields, for checking rules."""
    return Catalogue.standard().with_custom_fields(_fact(_defined(row)) for row in fields)


def read_custom(
    values: Mapping[str, object], fields: Iterable[DefinedField]
) -> tuple[dict[str, Any], list[Problem]]:
    """What of `values` belongs to a defined field, read; and what was wrong, by key."""
    accepted: dict[str, Any] = {}
    problems: list[Problem] = []
    for field in fields:
        value = values.get(field.key)
        if value is None:
            continue
        try:
            accepted[field.key] = field.read(value)
        except field_values.ValueRefused as refusal:
            problems.append(Problem(f"custom.{field.key}", refusal.code, refusal.message))
    return accepted, problems


def _defined(row: CustomField) -> DefinedField:
    values = tuple(row.options.get("values", ())) if row.options else ()
    record = cast(RecordKind, row.record)  # only `define_custom_field` writes the column
    retired = bool(row.options and row.options.get("retired"))
    return DefinedField(record, row.key, Type(row.type), row.label, row.label_zh, values, retired)


def _fact(field: DefinedField) -> FactOfCustomField:
    label = Label(field.label, field.label_zh or field.label)
    return FactOfCustomField(field.record, field.key, field.type, label, field.values)


def _read(value: object, field: DefinedField) -> Any:
    match field.type:
        case Type.TEXT:
            text = field_values.short_text(value)
            return field_values.choice(text, field.values) if field.values else text
        case Type.NUMBER:
            number = field_values.decimal(value)
            return int(number) if number == number.to_integral_value() else _float(number)
        case Type.BOOLEAN:
            return field_values.boolean(value)
        case Type.DATE:
            found: date = field_values.day(value)
            return found.isoformat()
        case Type.DATETIME:
            moment: datetime = field_values.instant(value)
            return moment.isoformat()
        case Type.SET:
            return _members(value, field.values)
        case _:
            raise TypeError(f"no custom field is of type {field.type}")


def _float(number: Decimal) -> float:
    """JSON numbers in the store are doubles to everybody who reads them."""
    return float(number)


def _members(value: object, allowed_values: tuple[str, ...]) -> list[str]:
    parts = value if isinstance(value, list) else str(value).split(";")
    texts = [text for part in parts if (text := field_values.short_text(part))]
    if allowed_values:
        texts = [field_values.choice(text, allowed_values) for text in texts]
    return sorted(set(texts))


def _refuse_wrong(field: DefinedField) -> None:
    problems: list[Problem] = []
    if field.record not in RECORDS:
        problems.append(
            Problem("record", "unknown_record", f"Only {', '.join(RECORDS)} take custom fields.")
        )
    if not _KEY.fullmatch(field.key):
        message = 'A key is small letters, digits and _, such as "plan_tier".'
        problems.append(Problem("key", "bad_key", message))
    if field.type not in TYPES:
        problems.append(Problem("type", "unknown_type", f"Choose one of {', '.join(TYPES)}."))
    if not field.label.strip():
        problems.append(Problem("label", "no_label", "Give the field a name people will read."))
    if field.values and field.type not in (Type.TEXT, Type.SET):
        message = "Only a text or a set can have a list of values."
        problems.append(Problem("values", "no_values_here", message))
    if len(field.values) > _MOST_VALUES:
        problems.append(Problem("values", "too_many", f"At most {_MOST_VALUES} values fit."))
    if problems:
        raise Refused("The field cannot be defined.", problems)


assert set(RECORDS) <= set(get_args(RecordKind))
