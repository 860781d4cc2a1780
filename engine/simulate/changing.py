"""What steps do to records, done to the facts of a simulated person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.rules import Facts
from engine.steps.moves import (
    AddActivity,
    AddTask,
    AddTicket,
    AddToScore,
    Change,
    SetFields,
    SetOwnFields,
    TellEvent,
)

_DATES = frozenset({"birthday"})


def change(facts: Facts, one: Change) -> dict[str, Any]:
    """Write a change into facts that belong to the simulation alone; what of them changed, as the
    event of it would tell."""
    contact: dict[str, Any] = facts["contact"]
    match one:
        case SetFields():
            return _written(contact, one.values) | _tagged(contact, one)
        case SetOwnFields():
            return _written(contact, one.values)
        case AddToScore():
            old = contact.get("score") or 0
            contact["score"] = old + one.points
            return {"score": [old, contact["score"]]}
        case AddTicket():
            # flows leave somebody alone who waits for an answer
            if contact.get("open_tickets") is not None:
                contact["open_tickets"] += 1
            return {}
        case AddTask() | AddActivity() | TellEvent():
            # no facts of the contact; they stand in the journal
            return {}


def _written(contact: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: [old, value]
        for name, value in values.items()
        if (old := _set(contact, name, value)) != value
    }


def _tagged(contact: dict[str, Any], one: SetFields) -> dict[str, Any]:
    had = list(contact.get("tags") or ())
    added = [tag for tag in one.add_tags if tag not in had]
    removed = [tag for tag in one.remove_tags if tag in had]
    if not (added or removed):
        return {}
    contact["tags"] = [tag for tag in had if tag not in removed] + added
    return {"tags": {"added": sorted(added), "removed": sorted(removed)}}


def _set(contact: dict[str, Any], name: str, value: Any) -> Any:
    """Write a field and give its old value as an event would tell it."""
    if name.startswith("custom."):
        custom, key = contact.get("custom") or {}, name.removeprefix("custom.")
        contact["custom"] = {**custom, key: value}
        return custom.get(key)
    old = contact.get(name)
    of_date = name in _DATES and isinstance(value, str)
    contact[name] = date.fromisoformat(value) if of_date else value
    return old.isoformat() if isinstance(old, date) else old
