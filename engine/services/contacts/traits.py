"""What an `identify` call says about a person, as fields of a contact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.errors import Problem
from engine.services.contacts.fields import CONTACT_FIELDS
from engine.services.custom_fields import DefinedField, read_custom
from engine.services.field_values import ValueRefused

# Segment's reserved traits; our own names are understood as well.
_FIELD_OF: Final[Mapping[str, str]] = {
    **{name: name for name in CONTACT_FIELDS if name != "external_id"},
    "firstName": "first_name",
    "lastName": "last_name",
    "jobTitle": "job_title",
    "title": "job_title",
    "locale": "language",
    "timezone": "time_zone",
    "timeZone": "time_zone",
    "lifecycleStage": "lifecycle_stage",
    "leadStatus": "lead_status",
}


def read_traits(
    traits: Mapping[str, Any], custom: Sequence[DefinedField]
) -> tuple[dict[str, Any], list[Problem]]:
    """Columns to write (`custom` holds the defined custom fields) and what had to be left out.

    A trait that is null or that nobody defined is not stored; the event keeps it all the same.
    """
    columns: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, value in _spread(traits).items():
        field = _FIELD_OF.get(name)
        if field is None or value is None or value == "":
            continue
        try:
            columns[field] = CONTACT_FIELDS[field](value)
        except ValueRefused as refusal:
            problems.append(Problem(f"traits.{name}", refusal.code, refusal.message))
    accepted, refused = read_custom(traits, custom)
    if accepted:
        columns["custom"] = accepted
    return columns, [*problems, *refused]


def _spread(traits: Mapping[str, Any]) -> dict[str, Any]:
    """`address` and `name` hold more than one of our fields; what is said outright wins."""
    flat: dict[str, Any] = {}
    address = traits.get("address")
    if isinstance(address, Mapping):
        flat |= {name: address[name] for name in ("country", "city") if name in address}
    name = traits.get("name")
    if isinstance(name, str) and name.strip():
        first, _, last = name.strip().rpartition(" ")
        flat |= {"firstName": first, "lastName": last} if first else {"firstName": last}
    said = {key: value for key, value in traits.items() if isinstance(key, str)}
    if "first_name" in said or "last_name" in said:
        flat.pop("firstName", None)
        flat.pop("lastName", None)
    return flat | said
