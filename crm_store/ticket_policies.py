"""Versions of the ticket policy; the last one counts for new tickets."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


class PolicyRow(NamedTuple):
    """`source` is what people wrote."""

    id: int
    source: str
    document: dict[str, Any]
    saved_by: str
    created_at: datetime


async def latest_id(session: AsyncSession) -> int:
    """0 before there is one."""
    found = await session.execute(text("SELECT coalesce(max(id), 0) FROM ticket_policy"))
    return int(found.scalar_one())


async def policy_rows(session: AsyncSession, ids: Collection[int]) -> list[PolicyRow]:
    found = await session.execute(
        text(
            "SELECT id, source, document, saved_by, created_at FROM ticket_policy"
            " WHERE id = ANY(:ids)"
        ),
        {"ids": list(ids)},
    )
    return [PolicyRow._make(row) for row in found]


async def policy_versions(session: AsyncSession, limit: int) -> list[tuple[int, str, datetime]]:
    """(version, who saved it, when), the last one first."""
    found = await session.execute(
        text("SELECT id, saved_by, created_at FROM ticket_policy ORDER BY id DESC LIMIT :limit"),
        {"limit": limit},
    )
    return [(row[0], row[1], row[2]) for row in found]


async def lock_policies(session: AsyncSession) -> None:
    """Keep others from saving a policy until this transaction ends; reading goes on."""
    await session.execute(text("LOCK TABLE ticket_policy IN SHARE ROW EXCLUSIVE MODE"))


async def add_policy(
    session: AsyncSession, source: str, document: str, saved_by: str, now: datetime
) -> int:
    """Save a version, with its document as JSON; its number."""
    found = await session.execute(
        text(
            """
            INSERT INTO ticket_policy (source, document, saved_by, created_at)
            VALUES (:source, CAST(:document AS jsonb), :saved_by, :now) RETURNING id
            """
        ),
        {"source": source, "document": document, "saved_by": saved_by, "now": now},
    )
    return int(found.scalar_one())
