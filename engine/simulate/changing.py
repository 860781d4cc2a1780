"""What steps do to records, done to the facts of a simulated person."""

from __future__ import annotations

from datetime import date
from typing import Any

from engine.rules import Facts
from engine.steps.moves import AddTask, AddToScore, Change, SetFields

_DATES = frozenset({"birthday"})


def change(facts: Facts, one: Change) -> None:
    """Write a change into facts that belong to the simulation alone."""
    contact: dict[str, Any] = facts["contact"]
    match one:
        case SetFields():
            for name, value in one.values.items():
                _set(contact, name, value)
            tags = [tag for tag in contact.get("tags") or () if tag not in one.remove_tags]
            new = [tag for tag in one.add_tags if tag not in tags]
            if one.add_tags or one.remove_tags:
                contact["tags"] = [*tags, *new]
        case AddToScore():
            contact["score"] = (contact.get("score") or 0) + one.points
        case AddTask():
            """A task is no fact of the contact; it stands in the journal."""


def _set(contact: dict[str, Any], name: str, value: Any) -> None:
    if name.startswith("custom."):
        contact["custom"] = {**(contact.get("custom") or {}), name.removeprefix("custom."): value}
    elif name in _DATES and isinstance(value, str):
        contact[name] = date.fromisoformat(value)
    else:
        contact[name] = value
