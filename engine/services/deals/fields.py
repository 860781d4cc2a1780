"""Fields of a deal that people, programs and moves write: read, with every mistake."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import ForecastCategory
from crm_store.present import present_ids
from engine.errors import Problem
from engine.flows.problems import did_you_mean, pointer_to, shown
from engine.services import field_values
from engine.services.custom_fields import DefinedField
from engine.services.field_values import ValueRefused

Reader = Callable[[object], Any]
Columns = dict[str, Any]

_PLAIN: Final[Mapping[str, Reader]] = {
    "name": field_values.short_text,
    "external_id": field_values.short_text,
    "expected_close_on": field_values.day,
    "forecast_category": partial(field_values.choice, allowed=tuple(ForecastCategory)),
    "lost_reason": field_values.long_text,
}
# The table of the record that each names.
_REFERENCES: Final[Mapping[str, str]] = {
    "contact_id": "contact",
    "account_id": "account",
    "owner_id": "user",
    "product_id": "product",
}
AMOUNT, CUSTOM = "amount", "custom"
FIELDS: Final = (*_PLAIN, *_REFERENCES, AMOUNT, CUSTOM)
_NEVER_EMPTY: Final = ("name", "forecast_category")
_MOST_MINOR: Final = 2**53


def read_fields(
    given: Mapping[str, Any], defined: Sequence[DefinedField], place: str = "/fields"
) -> tuple[Columns, list[Problem]]:
    """Columns to write, and what is wrong. None empties a field. Whether the records that are named
    exist is asked apart (`missing_references`)."""
    columns: Columns = {}
    problems: list[Problem] = []
    for name, value in given.items():
        here = place + pointer_to((name,))
        if name == AMOUNT:
            _amount(value, here, columns, problems)
        elif name == CUSTOM:
            _custom(value, defined, here, columns, problems)
        elif name in _REFERENCES:
            _reference(name, value, here, columns, problems)
        elif name in _PLAIN:
            _plain(name, value, here, columns, problems)
        else:
            words = f"deals have no field {shown(name)}; {did_you_mean(name, FIELDS)}"
            problems.append(Problem(here, "unknown_field", words))
    return columns, problems


def _plain(name: str, value: Any, place: str, columns: Columns, problems: list[Problem]) -> None:
    empty = value is None or value == ""
    if empty and name in _NEVER_EMPTY:
        problems.append(Problem(place, "missing", f'"{name}" cannot be empty; give it a value.'))
        return
    try:
        found = None if empty else _PLAIN[name](value)
    except ValueRefused as refusal:
        problems.append(Problem(place, refusal.code, refusal.message))
        return
    if found is None and name in _NEVER_EMPTY:
        problems.append(Problem(place, "missing", f'"{name}" cannot be empty; give it a value.'))
        return
    columns[name] = found


def _reference(
    name: str, value: Any, place: str, columns: Columns, problems: list[Problem]
) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        words = f'"{name}" is the id of a {_REFERENCES[name]}, not {shown(value)}.'
        problems.append(Problem(place, "wrong_type", words))
        return
    columns[name] = value


def _amount(value: Any, place: str, columns: Columns, problems: list[Problem]) -> None:
    if value is None:
        columns |= {"amount_minor": None, "currency": None}
        return
    if not isinstance(value, Mapping) or value.keys() != {"minor", "currency"}:
        words = 'an amount is {"minor": 125000, "currency": "EUR"}, in the smallest unit.'
        problems.append(Problem(place, "wrong_type", words))
        return
    minor = value["minor"]
    if isinstance(minor, bool) or not isinstance(minor, int) or not 0 <= minor <= _MOST_MINOR:
        words = f"{shown(minor)} is no amount; write a whole number of the smallest unit."
        problems.append(Problem(f"{place}/minor", "not_a_number", words))
        return
    try:
        currency = field_values.currency(value["currency"])
    except ValueRefused as refusal:
        problems.append(Problem(f"{place}/currency", refusal.code, refusal.message))
        return
    columns |= {"amount_minor": minor, "currency": currency}


def _custom(
    value: Any,
    defined: Sequence[DefinedField],
    place: str,
    columns: Columns,
    problems: list[Problem],
) -> None:
    if not isinstance(value, Mapping):
        words = f"custom fields are a mapping of keys to values, not {shown(value)}."
        problems.append(Problem(place, "wrong_type", words))
        return
    fields = {field.key: field for field in defined}
    read: dict[str, Any] = {}
    for key, one in value.items():
        here = place + pointer_to((key,))
        field = fields.get(key)
        if field is None:
            words = f"deals have no field {shown(key)} of their own; {did_you_mean(key, fields)}"
            problems.append(Problem(here, "unknown_field", words))
            continue
        try:
            read[key] = None if one is None else field.read(one)
        except ValueRefused as refusal:
            problems.append(Problem(here, refusal.code, refusal.message))
    if read:
        columns[CUSTOM] = read


async def missing_references(
    session: AsyncSession, columns: Mapping[str, Any], place: str = "/fields"
) -> list[Problem]:
    """Records that are named and do not exist; an owner must be active."""
    problems: list[Problem] = []
    for name, table in _REFERENCES.items():
        id_ = columns.get(name)
        if id_ is not None and id_ not in await present_ids(session, table, [id_]):
            words = f"there is no {'active user' if table == 'user' else table} {id_}."
            problems.append(Problem(f"{place}/{name}", "unknown_record", words))
    return problems


def as_json_columns(columns: Mapping[str, Any]) -> dict[str, Any]:
    """The columns as plain JSON, for a request that waits and for the audit trail."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in columns.items()
    }
