"""What people wrote down and have to do about a deal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


class DealActivity(NamedTuple):
    """`due_at` and `done_at` are those of tasks; of a call, a meeting or a note `created_at` is
    when it was written down."""

    id: int
    kind: str
    subject: str
    body: str | None
    owner_id: int | None
    owner: str | None
    due_at: datetime | None
    done_at: datetime | None
    created_at: datetime


async def activities_of_deal(
    session: AsyncSession, deal_id: int, *, limit: int
) -> list[DealActivity]:
    """Open tasks first, what is due soonest on top; then the rest, the newest first."""
    found = await session.execute(
        text(
            """
            SELECT a.id, a.kind, a.subject, a.body, a.owner_id, u.name, a.due_at, a.done_at,
                   a.created_at
            FROM activity a LEFT JOIN "user" u ON u.id = a.owner_id
            WHERE a.deal_id = :deal
            ORDER BY (a.kind = 'task' AND a.done_at IS NULL) DESC,
                     CASE WHEN a.kind = 'task' AND a.done_at IS NULL THEN a.due_at END NULLS LAST,
                     coalesce(a.done_at, a.created_at) DESC, a.id DESC LIMIT :limit
            """
        ),
        {"deal": deal_id, "limit": limit},
    )
    return [DealActivity._make(row) for row in found]


async def add_activity(session: AsyncSession, values: Mapping[str, Any]) -> int:
    """Its id. It is about the deal, its contact and its account."""
    found = await session.scalar(
        text(
            """
            INSERT INTO activity (kind, subject, body, contact_id, account_id, deal_id, owner_id,
                                  due_at, done_at, created_at)
            SELECT :kind, :subject, :body, d.contact_id, d.account_id, d.id, :owner_id, :due_at,
                   :done_at, :now
            FROM deal d WHERE d.id = :deal_id RETURNING id
            """
        ),
        dict(values),
    )
    return int(found or 0)


async def set_done(
    session: AsyncSession, deal_id: int, activity_id: int, done_at: datetime | None
) -> bool:
    """Whether there is such a task of this deal."""
    found = await session.scalar(
        text(
            "UPDATE activity SET done_at = :done_at WHERE id = :id AND deal_id = :deal"
            " AND kind = 'task' RETURNING id"
        ),
        {"done_at": done_at, "id": activity_id, "deal": deal_id},
    )
    return found is not None
