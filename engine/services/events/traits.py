"""What a client knows about a person, as the fields of our contact.

A trait is read by name, whatever its capitals and underscores. One that fits no built-in field and
no field the users defined stays with the event and nowhere else, so that a typed field never holds
what some client sent under its name before the field was defined.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from crm_store.models import LeadStatus, LifecycleStage
from engine.services import field_values as values

Reader = Callable[[Any], Any]

_STAGES: Final = tuple(LifecycleStage)
_STATUSES: Final = tuple(LeadStatus)

# Segment's reserved traits and our own names, without underscores and in small letters.
_FIELDS: Final[Mapping[str, tuple[str, Reader]]] = {
    "firstname": ("first_name", values.short_text),
    "lastname": ("last_name", values.short_text),
    "phone": ("phone", values.phone),
    "title": ("job_title", values.short_text),
    "jobtitle": ("job_title", values.short_text),
    "language": ("language", values.language),
    "locale": ("language", values.language),
    "country": ("country", values.country),
    "city": ("city", values.short_text),
    "timezone": ("time_zone", values.time_zone),
    "birthday": ("birthday", lambda value: values.day(value).isoformat()),
    "lifecyclestage": ("lifecycle_stage", lambda value: values.choice(value, _STAGES)),
    "leadstatus": ("lead_status", lambda value: values.choice(value, _STATUSES)),
}

_CUSTOM: Final[Mapping[str, Reader]] = {
    "text": values.short_text,
    "number": lambda value: _json_number(value),
    "boolean": values.boolean,
    "date": lambda value: values.day(value).isoformat(),
    "datetime": lambda value: values.instant(value).isoformat(),
    "set": lambda value: sorted({values.short_text(one) for one in _list(value)}),
}
_SEPARATORS = re.compile(r"[_\- ]")


@dataclass(slots=True)
class Changes:
    """`columns` and `custom` are ready to store; `left_out` says what was not understood."""

    columns: dict[str, Any] = field(default_factory=dict)
    custom: dict[str, Any] = field(default_factory=dict)
    left_out: list[tuple[str, str]] = field(default_factory=list)


def is_address(text: str) -> bool:
    """Whether this is an e-mail address; cheap for the many ids that are not."""
    if "@" not in text:
        return False
    try:
        values.email(text)
    except values.ValueRefused:
        return False
    return True


def changes_in(traits: Mapping[str, Any], custom_types: Mapping[str, str]) -> Changes:
    """`custom_types` is the type of each field that users defined, by key.

    Null and the empty text say nothing: a client that does not know a trait sends them as well.
    """
    found = Changes()
    for name, value in _flattened(traits):
        if value is None or value == "":
            continue
        try:
            _read(found, name, value, custom_types)
        except values.ValueRefused as refusal:
            found.left_out.append((refusal.code, f"trait {name[:60]}: {refusal.message}"))
    _split_name(found, traits)
    return found


def _read(found: Changes, name: str, value: object, custom_types: Mapping[str, str]) -> None:
    plain = _plain(name)
    if plain == "email":
        found.columns["email"] = values.email(value)
    elif plain in _FIELDS:
        column, reader = _FIELDS[plain]
        found.columns[column] = reader(value)
    elif custom_types.get(name) in _CUSTOM:
        found.custom[name] = _CUSTOM[custom_types[name]](value)


def _flattened(traits: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Segment's `address` holds city and country; a trait of that name beside it wins."""
    address = traits.get("address")
    inner = address if isinstance(address, dict) else {}
    return [
        *((name, inner[name]) for name in ("city", "country") if name in inner),
        *((name, value) for name, value in traits.items() if name != "address"),
    ]


def _split_name(found: Changes, traits: Mapping[str, Any]) -> None:
    """`name` is all that some clients know; the last word of several is the last name."""
    name = traits.get("name")
    if not isinstance(name, str) or {"first_name", "last_name"} & found.columns.keys():
        return
    try:
        words = values.short_text(name).rsplit(" ", 1)
    except values.ValueRefused as refusal:
        found.left_out.append((refusal.code, f"trait name: {refusal.message}"))
        return
    if words[0]:
        found.columns["first_name"] = words[0]
    if len(words) > 1:
        found.columns["last_name"] = words[1]


def _plain(name: str) -> str:
    return _SEPARATORS.sub("", name).lower()


def _json_number(value: object) -> int | float:
    number = values.decimal(value)
    return int(number) if number == number.to_integral_value() else float(number)


def _list(value: object) -> list[Any]:
    if isinstance(value, list):
        return value
    raise values.ValueRefused("not_a_list", "is not a list of words.")
