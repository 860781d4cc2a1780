"""Lists of cases that somebody must take up."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_COLUMNS = """
    e.id, e.subject_kind, e.subject_id, e.policy, e.title, e.body, e.title_zh, e.body_zh, e.path,
    e.urgency, e.owner_id, e.status, e.paused, e.held_for, e.level, e.told_ids, e.opened_at,
    e.acknowledged_by_id, e.acknowledged_at, e.ended_at, e.ended_by_id, e.comment, c.due_at,
    (SELECT count(*) FROM escalation_ask a WHERE a.case_id = e.id)
"""
_FROM = """
    FROM escalation_case e
    LEFT JOIN clock c ON c.kind = 'escalation' AND c.entity_id = e.id
"""


class CaseLine(NamedTuple):
    """`level` is the last one told, from 1; `due_at` when something happens by itself; `asked` how
    often it was asked for."""

    id: int
    subject_kind: str
    subject_id: int
    policy: str
    title: str
    body: str
    title_zh: str
    body_zh: str
    path: str
    urgency: str
    owner_id: int | None
    status: str
    paused: bool
    held_for: str | None
    level: int
    told_ids: list[int]
    opened_at: datetime
    acknowledged_by_id: int | None
    acknowledged_at: datetime | None
    ended_at: datetime | None
    ended_by_id: int | None
    comment: str | None
    due_at: datetime | None
    asked: int


async def case_lines(
    session: AsyncSession, *, told_id: int | None, over: bool, after: int, limit: int
) -> list[CaseLine]:
    """Open cases, the oldest first, or those that are over; what one person was told of or has, or
    everything. `after` is the last id of the page before."""
    found = await session.execute(
        text(
            f"""
            SELECT {_COLUMNS} {_FROM}
            WHERE (e.ended_at IS NOT NULL) = :over AND e.id > :after
              AND (CAST(:told AS bigint) IS NULL OR :told = ANY(e.told_ids)
                   OR e.acknowledged_by_id = :told)
            ORDER BY e.id LIMIT :limit
            """
        ),
        {"told": told_id, "over": over, "after": after, "limit": limit},
    )
    return [CaseLine._make(row) for row in found]


async def case_line(session: AsyncSession, case_id: int) -> CaseLine | None:
    found = await session.execute(
        text(f"SELECT {_COLUMNS} {_FROM} WHERE e.id = :id"),
        {"id": case_id},
    )
    row = found.one_or_none()
    return None if row is None else CaseLine._make(row)


async def lines_about(
    session: AsyncSession, subject_kind: str, subject_id: int, limit: int
) -> list[CaseLine]:
    """The newest cases of one record first, over or not."""
    found = await session.execute(
        text(
            f"SELECT {_COLUMNS} {_FROM}"
            " WHERE e.subject_kind = :kind AND e.subject_id = :id ORDER BY e.id DESC LIMIT :limit"
        ),
        {"kind": subject_kind, "id": subject_id, "limit": limit},
    )
    return [CaseLine._make(row) for row in found]


async def people_by_id(session: AsyncSession, user_ids: Collection[int]) -> dict[int, str]:
    """Their names."""
    if not user_ids:
        return {}
    found = await session.execute(
        text('SELECT id, name FROM "user" WHERE id = ANY(:ids)'), {"ids": list(user_ids)}
    )
    return {row[0]: row[1] for row in found}
