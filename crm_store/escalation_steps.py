"""The log of cases: who was told when, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.rowset import rowset


class StepRow(NamedTuple):
    """`level` counts from 1; see `crm_store.models.EscalationStep`."""

    case_id: int
    at: datetime
    kind: str
    round: int | None = None
    level: int | None = None
    user_id: int | None = None
    why: str | None = None
    urgency: str | None = None


async def add_steps(session: AsyncSession, steps: Sequence[StepRow]) -> list[int]:
    """Their ids, in the order given."""
    if not steps:
        return []
    rows = [{"place": place, **step._asdict()} for place, step in enumerate(steps)]
    found = await session.scalars(
        text(
            """
            INSERT INTO escalation_step (case_id, at, kind, round, level, user_id, why, urgency)
            SELECT new.case_id, new.at, new.kind, new.round, new.level, new.user_id, new.why,
                   new.urgency
            FROM json_to_recordset(CAST(:rows AS json))
                AS new(place bigint, case_id bigint, at timestamptz, kind text, round bigint,
                       level bigint, user_id bigint, why text, urgency text)
            ORDER BY new.place RETURNING id
            """
        ),
        {"rows": rowset(rows)},
    )
    return list(found)


async def steps_of(session: AsyncSession, case_id: int, limit: int) -> list[StepRow]:
    """The newest ones, in the order in which they happened."""
    found = await session.execute(
        text(
            """
            SELECT case_id, at, kind, round, level, user_id, why, urgency FROM (
                SELECT * FROM escalation_step WHERE case_id = :case ORDER BY id DESC LIMIT :limit
            ) newest ORDER BY id
            """
        ),
        {"case": case_id, "limit": limit},
    )
    return [StepRow._make(row) for row in found]
