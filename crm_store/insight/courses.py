"""Which way deals went, for playing it again on a virtual clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


class StepRow(NamedTuple):
    """A deal entered a stage."""

    deal_id: int
    name: str
    owner_id: int | None
    team: str | None
    stage: str
    entered_at: datetime


async def steps(
    session: AsyncSession, pipeline_id: int, start: datetime, until: datetime, *, limit: int
) -> list[StepRow]:
    """Stays that were not over at `start` and began before `until`, of deals that were open in
    between; by deal, in order."""
    found = await session.execute(
        text(
            """
            SELECT v.deal_id, d.name, d.owner_id, t.name, s.key, v.entered_at
            FROM stage_visit v JOIN stage s ON s.id = v.stage_id JOIN deal d ON d.id = v.deal_id
            LEFT JOIN "user" u ON u.id = d.owner_id LEFT JOIN team t ON t.id = u.team_id
            WHERE v.deal_id IN (
                SELECT w.deal_id FROM stage_visit w JOIN stage o ON o.id = w.stage_id
                WHERE w.pipeline_id = :pipeline AND o.kind = 'open' AND w.entered_at < :until
                  AND (w.left_at IS NULL OR w.left_at > :start)
                GROUP BY w.deal_id ORDER BY w.deal_id LIMIT :limit)
              AND v.entered_at < :until AND (v.left_at IS NULL OR v.left_at > :start)
            ORDER BY v.deal_id, v.entered_at, v.id
            """
        ),
        {"pipeline": pipeline_id, "start": start, "until": until, "limit": limit},
    )
    return [StepRow(*row) for row in found]


async def count_courses(
    session: AsyncSession, pipeline_id: int, start: datetime, until: datetime
) -> int:
    """How many deals `steps` would find without a limit."""
    found = await session.scalar(
        text(
            """
            SELECT count(DISTINCT w.deal_id)
            FROM stage_visit w JOIN stage o ON o.id = w.stage_id
            WHERE w.pipeline_id = :pipeline AND o.kind = 'open' AND w.entered_at < :until
              AND (w.left_at IS NULL OR w.left_at > :start)
            """
        ),
        {"pipeline": pipeline_id, "start": start, "until": until},
    )
    return int(found or 0)


async def signs_of_life(
    session: AsyncSession, deal_ids: Sequence[int], start: datetime, until: datetime
) -> dict[int, list[datetime]]:
    """When something about these deals was done or noted, in order: the last time before `start`,
    and every time since."""
    found = await session.execute(
        text(
            """
            WITH sign AS (
                SELECT a.deal_id, CASE WHEN a.kind = 'task' THEN a.done_at
                                       ELSE greatest(a.done_at, a.created_at) END AS at
                FROM activity a WHERE a.deal_id = ANY(:ids) AND a.created_at < :until)
            SELECT deal_id, at FROM sign WHERE at >= :start
            UNION ALL SELECT deal_id, max(at) FROM sign WHERE at < :start GROUP BY deal_id
            ORDER BY 1, 2
            """
        ),
        {"ids": list(deal_ids), "start": start, "until": until},
    )
    active: dict[int, list[datetime]] = {}
    for deal_id, at in found:
        active.setdefault(deal_id, []).append(at)
    return active
