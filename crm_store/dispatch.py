"""The queue of events that rules have not looked at yet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.partitions import MOST_SHARDS

# The first half of the advisory lock's key; the second is the partition.
DISPATCH_LOCK = 0x0CADE


@dataclass(frozen=True, slots=True)
class PendingEvent:
    id: int
    source: str
    kind: str
    name: str
    contact_id: int
    properties: dict[str, Any]
    occurred_at: datetime


async def hold_partition(session: AsyncSession, partition: int) -> bool:
    """Whether this transaction may dispatch the partition; until it ends nobody else may.

    A retried activity may overlap the attempt it replaces. One contact's events must be looked at
    in order, so the two must not share a partition.
    """
    found = await session.execute(
        text("SELECT pg_try_advisory_xact_lock(:lock, :partition)"),
        {"lock": DISPATCH_LOCK, "partition": partition},
    )
    return bool(found.scalar_one())


async def pending_events(session: AsyncSession, partition: int, limit: int) -> list[PendingEvent]:
    found = await session.execute(
        text(
            """
            SELECT e.id, e.source, e.kind, e.name, e.contact_id, e.properties, e.occurred_at
            FROM event_pending p JOIN event e ON e.id = p.event_id
            WHERE p.partition = :partition ORDER BY p.event_id LIMIT :limit
            """
        ),
        {"partition": partition, "limit": limit},
    )
    return [PendingEvent(*row) for row in found]


async def mark_dispatched(session: AsyncSession, event_ids: Sequence[int]) -> None:
    if event_ids:
        await session.execute(
            text("DELETE FROM event_pending WHERE event_id = ANY(:ids)"), {"ids": list(event_ids)}
        )


async def events_by_id(
    session: AsyncSession, event_ids: Collection[int]
) -> dict[int, PendingEvent]:
    """Events that were dispatched before their run could be told."""
    if not event_ids:
        return {}
    found = await session.execute(
        text(
            """
            SELECT id, source, kind, name, contact_id, properties, occurred_at FROM event
            WHERE id = ANY(:ids)
            """
        ),
        {"ids": list(event_ids)},
    )
    return {row[0]: PendingEvent(*row) for row in found}


async def partitions_with_pending(session: AsyncSession) -> list[int]:
    """Partitions that have work, also those that today's settings no longer give any."""
    found = await session.execute(
        text(
            """
            SELECT partition FROM generate_series(0, :last) AS all_of(partition) WHERE EXISTS (
                SELECT 1 FROM event_pending p WHERE p.partition = all_of.partition)
            """
        ),
        {"last": MOST_SHARDS - 1},
    )
    return [row[0] for row in found]
