"""What waits for the drivers, and since when."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


class QueueRow(NamedTuple):
    """`oldest` is when the one that waits longest was ready; None where nothing waits."""

    queue: str
    waiting: int
    oldest: datetime | None


async def queues(session: AsyncSession, now: datetime) -> list[QueueRow]:
    """What is ready and not done yet, driver by driver."""
    found = await session.execute(
        text(
            """
            SELECT 'events', count(*), min(e.received_at)
            FROM event_pending p JOIN event e ON e.id = p.event_id
            UNION ALL
            SELECT 'runs', count(*), min(r.due_at) FROM run r
            WHERE r.state = 'active' AND r.due_at <= :now
              AND r.flow_id = ANY(SELECT id FROM flow WHERE state = 'active')
            UNION ALL
            SELECT 'effects', count(*), min(not_before) FROM effect
            WHERE state IN ('pending', 'handing_over') AND not_before <= :now
            UNION ALL
            SELECT 'segments', count(*), min(due_at) FROM segment WHERE due_at <= :now
            UNION ALL
            SELECT 'clocks', count(*), min(due_at) FROM clock WHERE due_at <= :now
            UNION ALL
            SELECT 'notices', count(*), min(due_at) FROM notice_delivery
            WHERE state = 'waiting' AND due_at <= :now
            """
        ),
        {"now": now},
    )
    return [QueueRow(*row) for row in found]


class DatabaseRow(NamedTuple):
    version: int
    size_bytes: int
    connections: int
    most_connections: int
    clock: datetime


async def database_facts(session: AsyncSession) -> DatabaseRow:
    """About PostgreSQL itself; `version` is its major number."""
    found = await session.execute(
        text(
            """
            SELECT current_setting('server_version_num')::int / 10000,
                   pg_database_size(current_database()),
                   (SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database())::int,
                   current_setting('max_connections')::int, clock_timestamp()
            """
        )
    )
    return DatabaseRow(*found.one())
