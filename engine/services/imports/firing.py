"""Events of imported records, written only when somebody asked for them with `fire`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.field_changes import changes_of_transaction
from crm_store.models import OrderStatus
from engine.services.changes.gathering import changed_records
from engine.services.changes.interest import CREATED, UPDATED, event_name
from engine.services.events import NewEvent
from engine.services.imports.kinds.base import RecordKind
from engine.services.imports.matching import Entry, Fate, Placed

SOURCE = "import"
# Columns that are shadows of others, or of no meaning outside the database.
_INTERNAL = frozenset({"name_key", "email_key", "custom"})
# Segment's own name for it: flows that wait for a purchase need not know where it came from.
BOUGHT = "Order Completed"
_BOUGHT = frozenset({OrderStatus.COMPLETED, OrderStatus.PAID, OrderStatus.SHIPPED})


def events_of(
    placed: Iterable[Placed], kind: RecordKind, import_id: str, now: datetime
) -> list[NewEvent]:
    """One event per created or updated record that a contact stands behind; of an order that was
    paid for a second one says so, by the name that shops give it."""
    events: list[NewEvent] = []
    for line in placed:
        if line.entry is None or line.fate not in (Fate.CREATED, Fate.UPDATED):
            continue
        event = _event(line.entry, line.fate, kind, import_id, now)
        if event is None:
            continue
        events.append(event)
        if _is_bought(line.entry, line.fate, kind):
            events.append(replace(event, name=BOUGHT, message_id=f"{event.message_id}:bought"))
    return events


async def with_changes(session: AsyncSession, events: Iterable[NewEvent]) -> list[NewEvent]:
    """The events with what this transaction changed in their records, as rules ask for it."""
    rows = await changes_of_transaction(session)
    changes = {(one.record, one.record_id): one.changes for one in changed_records(rows)}
    return [
        replace(event, properties={**event.properties, "changes": changes[record]})
        if (record := (event.properties["record"], event.properties["record_id"])) in changes
        else event
        for event in events
    ]


def _event(
    entry: Entry, fate: Fate, kind: RecordKind, import_id: str, now: datetime
) -> NewEvent | None:
    contact_id = entry.record.get(kind.told_by) if kind.told_by else None
    if contact_id is None:
        return None
    return NewEvent(
        source=SOURCE,
        message_id=f"{import_id}:{kind.noun}:{entry.record['id']}",
        name=event_name(kind.noun, CREATED if fate is Fate.CREATED else UPDATED),
        contact_id=contact_id,
        properties=_properties(entry, fate, kind),
        occurred_at=now,
        kind="record",
    )


def _is_bought(entry: Entry, fate: Fate, kind: RecordKind) -> bool:
    return kind.noun == "order" and fate is Fate.CREATED and entry.record["status"] in _BOUGHT


def _properties(entry: Entry, fate: Fate, kind: RecordKind) -> dict[str, Any]:
    shown: Mapping[str, Any] = entry.record if fate is Fate.CREATED else entry.changes
    properties = {
        name: _plain(value)
        for name, value in shown.items()
        if name not in _INTERNAL and value is not None
    }
    if fate is Fate.UPDATED:
        properties["before"] = {
            name: _plain(value) for name, value in entry.before.items() if name not in _INTERNAL
        }
    return {"record": kind.noun, "record_id": entry.record["id"]} | properties


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
