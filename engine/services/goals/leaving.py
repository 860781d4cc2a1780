"""Runs that reached their goal while they could not be moved leave as soon as they can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.goals import reached_among
from crm_store.runs import StandingRow
from engine.machines.plan import Plan


async def leaving_by_goal(
    session: AsyncSession, rows: Sequence[StandingRow], plans: Mapping[int, Plan]
) -> set[int]:
    """Those of the runs that reached a goal by which one leaves. Nothing is asked where no flow has
    such a goal.
    """
    exits = {id_ for id_, plan in plans.items() if plan.flow.goal and plan.flow.goal.exits}
    return await reached_among(session, [row.id for row in rows if row.flow_version_id in exits])
