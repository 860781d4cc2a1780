"""Facts as they were at an instant in the past, from the history of the contacts' fields."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.field_changes import LaterChange, changes_since
from engine.rules import Catalogue, Facts, Reads, Type
from engine.rules.ir import Path
from engine.rules.operators.kept_fields import is_kept
from engine.services.facts import load_facts

# When an item of a list came to be: it is there from that instant on.
BEGAN: Final[Mapping[str, str]] = {
    "events": "occurred_at",
    "orders": "placed_at",
    "deals": "opened_at",
    "tickets": "opened_at",
    "messages": "handed_over_at",
    "changes": "changed_at",
}
_CREATED: Final = ("contact", "created_at")
_CONTACT: Final = Catalogue.standard().records["contact"]
_READERS: Final[Mapping[Type, Callable[[str], Any]]] = {
    Type.DATE: date.fromisoformat,
    Type.DATETIME: datetime.fromisoformat,
}


async def facts_as_of(
    session: AsyncSession, contact_ids: Collection[int], reads: Reads, instant: datetime
) -> dict[int, Facts]:
    """What rules would have read at `instant`; contacts that were not there yet are left out.

    Fields of the contact, custom fields and tags are as they were then. Items of lists are those
    that had begun, with the values they have now; so are accounts, and facts that are worked out
    from other records. Erased contacts are unknown.
    """
    began = {(name, BEGAN[name]) for name in reads.lists}
    wanted = replace(reads, fields=reads.fields | {_CREATED} | began)
    facts = await load_facts(session, contact_ids, wanted, instant)
    facts = {id_: one for id_, one in facts.items() if one["contact"]["created_at"] <= instant}
    for one in facts.values():
        for name in reads.lists:
            at = BEGAN[name]
            one[name] = [item for item in one[name] if item[at] and item[at] <= instant]
    fields = {_field(path) for path in reads.fields if path[0] == "contact"}
    for change in await changes_since(session, facts.keys(), _kept(fields), instant):
        _turn_back(facts[change.contact_id]["contact"], change)
    return facts


def _field(path: Path) -> str:
    return path[1] if path[1] != "custom" or len(path) < 3 else f"custom.{path[2]}"


def _kept(fields: Collection[str]) -> list[str]:
    """Those of the fields that have a history."""
    return sorted(
        name
        for name in fields
        if name.startswith("custom.") or (name in _CONTACT and is_kept("contact", _CONTACT[name]))
    )


def _turn_back(contact: dict[str, Any], change: LaterChange) -> None:
    """Put back what was so before the first change after the instant."""
    head, _, key = change.field.partition(".")
    if change.field == "tags":
        _turn_back_tag(contact["tags"], change)
    elif head == "custom":
        custom = contact["custom"] = dict(contact["custom"] or {})
        if change.old is None:
            custom.pop(key, None)
        else:
            custom[key] = change.old
    else:
        contact[change.field] = _read(change.old, _CONTACT[change.field].type)


def _read(value: Any, kind: Type) -> Any:
    """A value of the history as the column has it."""
    reader = _READERS.get(kind)
    return value if reader is None or value is None else reader(value)


def _turn_back_tag(tags: list[str], change: LaterChange) -> None:
    if change.new is not None and change.new in tags:
        tags.remove(change.new)
    elif change.old is not None and change.old not in tags:
        tags.append(change.old)
