"""What is asked to tell why somebody is, or is not, in a flow."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.dispatch import PendingEvent


class Seen(NamedTuple):
    """An event of a contact; `run_id` is the run it began in the flow asked about."""

    event: PendingEvent
    received_at: datetime
    pending: bool
    run_id: int | None


class RunOf(NamedTuple):
    id: int
    state: str
    node: str
    outcome: str | None
    entry_key: str
    entered_at: datetime
    ended_at: datetime | None


class OpenAsk(NamedTuple):
    """An ask that a run waits for; `not_before` is its next try, or the end of the lease. `waits`
    is why a message is made to wait until then."""

    kind: str
    state: str
    attempts: int
    not_before: datetime
    waits: str | None = None


async def last_events(
    session: AsyncSession, contact_id: int, name: str, flow_id: int, limit: int
) -> list[Seen]:
    """The latest first."""
    found = await session.execute(
        text(
            """
            SELECT e.id, e.source, e.kind, e.name, e.contact_id, e.properties, e.occurred_at,
                   e.received_at, p.event_id IS NOT NULL,
                   (SELECT r.id FROM run r WHERE r.flow_id = :flow AND r.subject_id = :contact
                    AND r.entry_event_id = e.id LIMIT 1)
            FROM event e LEFT JOIN event_pending p ON p.event_id = e.id
            WHERE e.contact_id = :contact AND e.name = :name
            ORDER BY e.occurred_at DESC, e.id DESC LIMIT :limit
            """
        ),
        {"contact": contact_id, "name": name, "flow": flow_id, "limit": limit},
    )
    return [Seen(PendingEvent(*row[:7]), row[7], row[8], row[9]) for row in found]


async def runs_of(session: AsyncSession, flow_id: int, contact_id: int, limit: int) -> list[RunOf]:
    """The runs of a contact in a flow, the latest first."""
    found = await session.execute(
        text(
            """
            SELECT id, state, node, outcome, entry_key, entered_at, ended_at FROM run
            WHERE flow_id = :flow AND subject_id = :contact AND subject_kind = 'contact'
            ORDER BY id DESC LIMIT :limit
            """
        ),
        {"flow": flow_id, "contact": contact_id, "limit": limit},
    )
    return [RunOf(*row) for row in found]


async def has_entered_as(
    session: AsyncSession, flow_id: int, contact_id: int, entry_key: str
) -> bool:
    found = await session.execute(
        text(
            "SELECT 1 FROM run WHERE flow_id = :flow AND subject_id = :contact AND entry_key = :key"
        ),
        {"flow": flow_id, "contact": contact_id, "key": entry_key},
    )
    return found.first() is not None


async def open_ask(session: AsyncSession, run_id: int, node: str, visit: int) -> OpenAsk | None:
    """What the run asked for where it stands and has no answer to yet."""
    found = await session.execute(
        text(
            """
            SELECT kind, state, attempts, not_before,
                   (SELECT reason FROM deferral d WHERE d.effect_id = effect.id
                    AND d.until = effect.not_before ORDER BY d.id DESC LIMIT 1)
            FROM effect
            WHERE run_id = :run AND node = :node AND visit = :visit
              AND state IN ('pending', 'handing_over')
            """
        ),
        {"run": run_id, "node": node, "visit": visit},
    )
    row = found.one_or_none()
    return None if row is None else OpenAsk(*row)


async def published_at(session: AsyncSession, version_id: int) -> datetime | None:
    found = await session.execute(
        text("SELECT published_at FROM flow_version WHERE id = :id"), {"id": version_id}
    )
    at: datetime | None = found.scalar_one_or_none()
    return at
