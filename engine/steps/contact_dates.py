"""The dates of a contact that steps may wait for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from engine.rules import Catalogue, Facts, Type


def date_fields(catalogue: Catalogue) -> list[str]:
    """Names such as "birthday" and "custom.renewal_on"."""
    facts = catalogue.records["contact"]
    return [name for name, fact in facts.items() if fact.type in (Type.DATE, Type.DATETIME)]


def contact_date(facts: Facts, name: str) -> date | datetime | None:
    """The value now; custom fields keep dates as text, and what is no date counts as unknown."""
    value: Any = facts.get("contact") or {}
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if isinstance(value, str):
        return date_of_text(value)
    return value if isinstance(value, date) else None


def spelled(value: date | datetime | None) -> str | None:
    """The form in which a memo remembers it."""
    return None if value is None else value.isoformat()


def date_of_text(text: str) -> date | datetime | None:
    """A date or an aware instant in ISO 8601; None for everything else."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else _aware(text)
    except ValueError:
        return None


def _aware(text: str) -> datetime | None:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else None
