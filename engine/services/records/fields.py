"""The fields of contacts and accounts that people edit, and how what they write is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from crm_store.models import BirthdayCalendar, LeadStatus, LifecycleStage
from engine.rules.types import Type
from engine.services import field_values
from engine.services.contacts.fields import CONTACT_FIELDS
from engine.services.custom_fields import DefinedField

EditedRecord = Literal["contact", "account"]


@dataclass(frozen=True, slots=True)
class Editable:
    """`alike` says that many records may get the same value at once. `needed` cannot be emptied.
    `many` is a set of values. `label` is set for fields that people defined themselves."""

    name: str
    read: Callable[[object], Any]
    values: tuple[str, ...] = ()
    alike: bool = True
    needed: bool = False
    kind: Literal["text", "number", "day", "yes_no", "instant"] = "text"
    many: bool = False
    label: tuple[str, str] | None = None


def _of(*fields: Editable) -> Mapping[str, Editable]:
    return {one.name: one for one in fields}


def _own(name: str, **what: Any) -> Editable:
    return Editable(name, CONTACT_FIELDS[name], **what)


EDITABLE: Final[Mapping[EditedRecord, Mapping[str, Editable]]] = {
    "contact": _of(
        _own("first_name", alike=False),
        _own("last_name", alike=False),
        _own("email", alike=False),
        _own("phone", alike=False),
        _own("job_title"),
        _own("lifecycle_stage", values=tuple(LifecycleStage), needed=True),
        _own("lead_status", values=tuple(LeadStatus)),
        _own("country"),
        _own("city"),
        _own("time_zone"),
        _own("language"),
        _own("birthday", alike=False, kind="day"),
        _own("birthday_calendar", values=tuple(BirthdayCalendar), alike=False, needed=True),
        _own("source"),
        _own("external_id", alike=False),
    ),
    "account": _of(
        Editable("name", field_values.short_text, alike=False, needed=True),
        Editable("domain", field_values.short_text, alike=False),
        Editable("industry", field_values.short_text),
        Editable("country", field_values.country),
        Editable("city", field_values.short_text),
        Editable("employee_count", field_values.integer, kind="number", alike=False),
        Editable("year_founded", field_values.integer, kind="number", alike=False),
        Editable("external_id", field_values.short_text, alike=False),
    ),
}
_KINDS: Final[Mapping[Type, Any]] = {
    Type.NUMBER: "number",
    Type.BOOLEAN: "yes_no",
    Type.DATE: "day",
    Type.DATETIME: "instant",
}


def editable_fields(record: EditedRecord, custom: Sequence[DefinedField]) -> dict[str, Editable]:
    """All of them by name, those that people defined last, as `custom.<key>`."""
    found = dict(EDITABLE[record])
    for one in custom:
        name = f"custom.{one.key}"
        found[name] = Editable(
            name,
            one.read,
            one.values,
            kind=_KINDS.get(one.type, "text"),
            many=one.type is Type.SET,
            label=(one.label, one.label_zh or one.label),
        )
    return found
