"""Facts as they were at instants in the past, from the history of the contacts' fields.

Many moments of many contacts are asked at once: what is so now is loaded one time, with every
change since the earliest of them, and turned back from moment to moment.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.field_changes import DatedChange, changes_after
from engine.rules import Catalogue, Facts, Reads, Type
from engine.rules.ir import Path
from engine.rules.operators.kept_fields import is_kept
from engine.services.facts import load_facts

# Whose facts, and when.
Moment: TypeAlias = tuple[int, datetime]
# Whether an event is known from when it happened, or from when we heard of it.
Clock: TypeAlias = Literal["occurred", "received"]

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
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_CONTACT: Final = Catalogue.standard().records["contact"]
_READERS: Final[Mapping[Type, Callable[[str], Any]]] = {
    Type.DATE: date.fromisoformat,
    Type.DATETIME: datetime.fromisoformat,
}


async def facts_as_of(
    session: AsyncSession, contact_ids: Collection[int], reads: Reads, instant: datetime
) -> dict[int, Facts]:
    """What rules would have read at one instant; see `facts_at`."""
    found = await facts_at(session, [(id_, instant) for id_ in contact_ids], reads)
    return {id_: facts for (id_, _), facts in found.items()}


async def facts_at(
    session: AsyncSession,
    moments: Collection[Moment],
    reads: Reads,
    *,
    clock: Clock = "occurred",
) -> dict[Moment, Facts]:
    """What rules would have read of each contact at each moment; contacts that were not there yet
    are left out. As many queries as `load_facts` makes, and one.

    Fields of the contact, custom fields and tags are as they were then. Items of lists are those
    that had begun, with the values they have now; so are accounts, static lists, and facts that are
    worked out from other records. Erased contacts are unknown. Facts of one contact share what is
    the same at several moments: read them, do not write.
    """
    if not moments:
        return {}
    of_contact: dict[int, list[datetime]] = defaultdict(list)
    for contact_id, instant in set(moments):
        of_contact[contact_id].append(instant)
    first = min(instant for _, instant in moments)
    began = {name: _known_since(name, clock) for name in reads.lists}
    wanted = replace(reads, fields=reads.fields | {_CREATED} | set(began.items()))
    now = await load_facts(session, of_contact.keys(), wanted, first)
    fields = _kept({_field(path) for path in reads.fields if path[0] == "contact"})
    changes: dict[int, list[DatedChange]] = defaultdict(list)
    for change in await changes_after(session, now.keys(), fields, first):
        changes[change.contact_id].append(change)
    return {
        (contact_id, instant): facts
        for contact_id, known in now.items()
        for instant, facts in _turned_back(
            known, sorted(of_contact[contact_id], reverse=True), changes[contact_id], began
        )
    }


def _known_since(name: str, clock: Clock) -> str:
    return "received_at" if name == "events" and clock == "received" else BEGAN[name]


def _turned_back(
    now: Facts,
    instants: Sequence[datetime],
    changes: Sequence[DatedChange],
    began: Mapping[str, str],
) -> Iterator[tuple[datetime, Facts]]:
    """The facts at each instant, latest first; changes come latest first too."""
    lists = {name: _by_beginning(now[name], at) for name, at in began.items()}
    contact = dict(now["contact"])
    ahead = iter(changes)
    change = next(ahead, None)
    for instant in instants:
        if contact["created_at"] > instant:
            return
        while change is not None and change.changed_at > instant:
            _turn_back(contact, change)
            change = next(ahead, None)
        items = {name: of[: bisect_right(since, instant)] for name, (since, of) in lists.items()}
        yield instant, {**now, "contact": dict(contact), **items}


def _by_beginning(
    items: Sequence[dict[str, Any]], at: str
) -> tuple[list[datetime], list[dict[str, Any]]]:
    """The items with when they began, soonest first; what has not begun comes last."""
    ordered = sorted(items, key=lambda item: item[at] or _NEVER)
    return [item[at] or _NEVER for item in ordered], ordered


def _field(path: Path) -> str:
    return path[1] if path[1] != "custom" or len(path) < 3 else f"custom.{path[2]}"


def _kept(fields: Collection[str]) -> list[str]:
    """Those of the fields that have a history."""
    return sorted(
        name
        for name in fields
        if name.startswith("custom.") or (name in _CONTACT and is_kept("contact", _CONTACT[name]))
    )


def _turn_back(contact: dict[str, Any], change: DatedChange) -> None:
    """Put back what was so before this change, where all later ones have been put back."""
    head, _, key = change.field.partition(".")
    if change.field == "tags":
        contact["tags"] = _tags_before(contact["tags"], change)
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


def _tags_before(tags: Sequence[str], change: DatedChange) -> list[str]:
    kept = [tag for tag in tags if tag != change.new]
    return kept if change.old is None or change.old in kept else [*kept, change.old]
