"""Events that Cadenza itself or a service reports about contacts it knows by id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.events import add_events
from crm_store.partitions import partition_of


@dataclass(frozen=True, slots=True)
class NewEvent:
    """Accepted once by `source` and `message_id`: make the id of what caused the event."""

    source: str
    message_id: str
    name: str
    contact_id: int
    properties: Mapping[str, Any]
    occurred_at: datetime
    kind: str = "track"


async def record_events(
    session: AsyncSession, events: Sequence[NewEvent], partitions: int, now: datetime | None = None
) -> list[int | None]:
    """Write events and queue them for dispatch, in two statements' time whatever their number.

    Returns ids in the order given; None for a duplicate, which changes nothing. Poke
    `partitions_of(...)` after the commit. `now` is the time of arrival, by default the latest
    `occurred_at`.
    """
    if not events:
        return []
    once: dict[tuple[str, str], NewEvent] = {}
    for event in events:
        once.setdefault((event.source, event.message_id), event)
    # In order of contacts, so that two transactions reach the rows they refer to in one order.
    rows = [
        _row(event, partitions)
        for event in sorted(once.values(), key=lambda event: event.contact_id)
    ]
    received_at = now or max(event.occurred_at for event in events)
    ids = await add_events(session, rows, received_at)
    first = {id(event) for event in once.values()}
    return [
        ids.get((event.source, event.message_id)) if id(event) in first else None
        for event in events
    ]


async def record_event(
    session: AsyncSession,
    *,
    source: str,
    message_id: str,
    name: str,
    contact_id: int,
    properties: Mapping[str, Any],
    occurred_at: datetime,
    partitions: int,
    kind: str = "track",
) -> int | None:
    """One event; see `record_events`."""
    event = NewEvent(source, message_id, name, contact_id, properties, occurred_at, kind)
    return (await record_events(session, [event], partitions))[0]


def partitions_of(contact_ids: Iterable[int], partitions: int) -> frozenset[int]:
    return frozenset(partition_of(contact_id, partitions) for contact_id in contact_ids)


def _row(event: NewEvent, partitions: int) -> dict[str, Any]:
    return {
        "source": event.source,
        "message_id": event.message_id,
        "kind": event.kind,
        "name": event.name,
        "contact_id": event.contact_id,
        "properties": dict(event.properties),
        "occurred_at": event.occurred_at,
        "partition": partition_of(event.contact_id, partitions),
    }
