"""Which fields of a contact a flow may write, and which values they take."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from engine.flows.problems import Code, SettingProblem, did_you_mean, shown
from engine.local_time import is_zone
from engine.rules import Catalogue, Fact, Type

# Not among them: what identifies a contact (id, external_id, email), what Cadenza keeps itself
# (times), tags (they have settings of their own) and the owner, whose change hands over work too.
WRITABLE: Final = (
    "phone",
    "first_name",
    "last_name",
    "job_title",
    "language",
    "country",
    "city",
    "time_zone",
    "birthday",
    "birthday_calendar",
    "lifecycle_stage",
    "lead_status",
    "source",
    "score",
)
_NEVER_EMPTY: Final = frozenset({"birthday_calendar", "lifecycle_stage", "score"})
_NUMBER_LIMIT: Final = 2**53
_WANTED: Final[Mapping[Type, str]] = {
    Type.TEXT: "a text",
    Type.NUMBER: "a number",
    Type.BOOLEAN: "true or false",
    Type.DATE: 'a date such as "2026-05-31"',
}


def writable_fields(catalogue: Catalogue) -> dict[str, Fact]:
    """The standard fields, then the custom ones as "custom.<key>"."""
    facts = catalogue.records["contact"]
    standard = {name: facts[name] for name in WRITABLE if name in facts}
    custom = {
        name: fact
        for name, fact in facts.items()
        if name.startswith("custom.") and fact.type in _WANTED
    }
    return standard | custom


def value_problems(values: Mapping[str, Any], catalogue: Catalogue) -> list[SettingProblem]:
    """What is wrong with new values by field name; paths start at ("set", <field>)."""
    fields = writable_fields(catalogue)
    problems = []
    for name, value in values.items():
        fact = fields.get(name)
        if fact is None:
            message = f'a flow cannot write the field "{name}"; {did_you_mean(name, fields)}'
            problems.append(SettingProblem(("set", name), Code.UNKNOWN_FIELD, message))
        elif (trouble := complaint(fact, value)) is not None:
            message = f'"{name}" {trouble}'
            problems.append(SettingProblem(("set", name), Code.BAD_VALUE, message))
    return problems


def complaint(fact: Fact, value: Any) -> str | None:
    """What is wrong with a new value of a field, to follow its name; None when it fits."""
    if value is None:
        return "cannot be emptied; give it a value." if fact.name in _NEVER_EMPTY else None
    if not _is_of_type(fact, value):
        return f"takes {_WANTED[fact.type]}, not {shown(value)}."
    if fact.values and value not in fact.values:
        return f"cannot be {shown(value)}; {did_you_mean(value, fact.values)}"
    if fact.name == "time_zone" and not is_zone(value):
        return f'cannot be {shown(value)}; write a zone such as "Europe/Berlin".'
    if isinstance(value, str) and (not value or "\0" in value):
        return "cannot be an empty text; write null to empty the field."
    return None


def _is_of_type(fact: Fact, value: Any) -> bool:
    match fact.type:
        case Type.TEXT:
            return isinstance(value, str)
        case Type.BOOLEAN:
            return isinstance(value, bool)
        case Type.DATE:
            return isinstance(value, str) and _is_date(value)
        case _:
            return _is_number(value, whole=fact.name == "score")


def _is_number(value: Any, *, whole: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        return False
    return math.isfinite(value) and abs(value) <= _NUMBER_LIMIT


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False
