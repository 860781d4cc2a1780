"""The log of deliveries: pages, one with its attempts, figures; and sending them again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.webhook_deliveries import EVENT_COLUMNS, EVENT_JOINED, ClaimedRow


class LoggedRow(NamedTuple):
    id: int
    subscription_id: int
    event_id: int | None
    message_id: str
    type: str
    state: str
    attempts: int
    due_at: datetime
    created_at: datetime
    ended_at: datetime | None
    status: int | None
    code: str | None


class AttemptRow(NamedTuple):
    at: datetime
    milliseconds: int
    status: int | None
    code: str
    answer: str


class Figures(NamedTuple):
    """How many deliveries stand where; counted up to a border."""

    waiting: int
    failed: int
    delivered: int


_COLUMNS = ", ".join(f"d.{name}" for name in LoggedRow._fields)


async def page_of_log(
    session: AsyncSession,
    subscription_id: int,
    *,
    states: Collection[str],
    kind: str,
    before: int | None,
    after: int | None,
    limit: int,
) -> list[LoggedRow]:
    """The newest first; with `after` the page of those that are newer than it."""
    where = ["d.subscription_id = :subscription"]
    if states:
        where.append("d.state = ANY(:states)")
    if kind:
        where.append("d.type = :type")
    if before is not None:
        where.append("d.id < :before")
    if after is not None:
        where.append("d.id > :after")
    order = "ASC" if after is not None else "DESC"
    found = await session.execute(
        text(
            f"SELECT {_COLUMNS} FROM webhook_delivery d WHERE {' AND '.join(where)}"  # noqa: S608
            f" ORDER BY d.id {order} LIMIT :limit"
        ),
        {
            "subscription": subscription_id,
            "states": sorted(states),
            "type": kind,
            "before": before,
            "after": after,
            "limit": limit,
        },
    )
    return sorted((LoggedRow._make(row) for row in found), reverse=True)


async def logged(
    session: AsyncSession, delivery_id: int
) -> tuple[LoggedRow, ClaimedRow, list[AttemptRow]] | None:
    """One delivery, the event that it tells, and its last attempts, the newest first."""
    found = await session.execute(
        text(
            f"SELECT {_COLUMNS}, {EVENT_COLUMNS} FROM webhook_delivery d {EVENT_JOINED}"  # noqa: S608
            " WHERE d.id = :id"
        ),
        {"id": delivery_id},
    )
    row = found.one_or_none()
    if row is None:
        return None
    size = len(LoggedRow._fields)
    one = LoggedRow._make(row[:size])
    told = ClaimedRow(
        *(one.id, one.subscription_id, one.message_id, one.type, one.attempts, one.created_at),
        *(one.event_id, *row[size:]),
    )
    attempts = await session.execute(
        text(
            "SELECT at, milliseconds, status, code, answer FROM webhook_attempt"
            " WHERE delivery_id = :id ORDER BY id DESC LIMIT 50"
        ),
        {"id": delivery_id},
    )
    return one, told, [AttemptRow._make(row) for row in attempts]


async def figures(session: AsyncSession, most: int) -> dict[int, Figures]:
    """By subscription, each number counted up to `most`."""

    counted = ", ".join(
        "(SELECT count(*) FROM (SELECT FROM webhook_delivery d"  # noqa: S608 - constants
        f" WHERE d.subscription_id = s.id AND d.state = '{state}' LIMIT :most) x)"
        for state in Figures._fields
    )
    found = await session.execute(
        text(f"SELECT s.id, {counted} FROM webhook_subscription s"),  # noqa: S608 - constants
        {"most": most},
    )
    return {row[0]: Figures._make(row[1:]) for row in found}


async def send_again(
    session: AsyncSession, subscription_id: int, delivery_ids: Collection[int], now: datetime
) -> int:
    """These wait again, whatever became of them; what is on its way stays as it is."""
    found = await session.execute(
        text(
            "UPDATE webhook_delivery SET state = 'waiting', attempts = 0, due_at = :now,"
            " ended_at = NULL WHERE subscription_id = :subscription AND id = ANY(:ids)"
            " AND event_id IS NOT NULL AND state IN ('delivered', 'failed', 'waiting') RETURNING 1"
        ),
        {"subscription": subscription_id, "ids": sorted(delivery_ids), "now": now},
    )
    return len(found.all())


async def send_again_since(
    session: AsyncSession,
    subscription_id: int,
    since: datetime,
    states: Collection[str],
    now: datetime,
    limit: int,
) -> int:
    """The same for those of events that came since then, the oldest first."""
    found = await session.execute(
        text(
            "UPDATE webhook_delivery SET state = 'waiting', attempts = 0, due_at = :now,"
            " ended_at = NULL WHERE id IN (SELECT id FROM webhook_delivery"
            " WHERE subscription_id = :subscription AND created_at >= :since"
            " AND event_id IS NOT NULL AND state = ANY(:states)"
            " ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED) RETURNING 1"
        ),
        {
            "subscription": subscription_id,
            "since": since,
            "states": sorted(states),
            "now": now,
            "limit": limit,
        },
    )
    return len(found.all())


async def add_missed(
    session: AsyncSession, subscription_id: int, since: datetime, now: datetime, limit: int
) -> int:
    """Deliveries for events since then that have none, because nobody was subscribed."""
    found = await session.execute(
        text(
            """
            INSERT INTO webhook_delivery
                (subscription_id, event_id, message_id, type, state, due_at, created_at)
            SELECT s.id, e.id, 'msg_' || replace(gen_random_uuid()::text, '-', ''), e.name,
                   CASE WHEN s.rule IS NULL THEN 'waiting' ELSE 'unchecked' END, :now, e.received_at
            FROM webhook_subscription s
            JOIN event e ON e.received_at >= :since
                AND s.event_types && ARRAY[e.name, '*']
            WHERE s.id = :subscription AND NOT EXISTS (
                SELECT FROM webhook_delivery d WHERE d.event_id = e.id AND d.subscription_id = s.id
            )
            ORDER BY e.received_at, e.id LIMIT :limit
            ON CONFLICT (event_id, subscription_id) DO NOTHING RETURNING 1
            """
        ),
        {"subscription": subscription_id, "since": since, "now": now, "limit": limit},
    )
    return len(found.all())
