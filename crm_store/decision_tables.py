"""Reading and finding decision tables."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import DecisionTable


async def decision_tables(session: AsyncSession) -> list[DecisionTable]:
    """By name."""
    return list(await session.scalars(select(DecisionTable).order_by(DecisionTable.name)))


async def table_named(
    session: AsyncSession, name: str, *, lock: bool = False
) -> DecisionTable | None:
    wanted = select(DecisionTable).where(DecisionTable.name == name)
    return await session.scalar(wanted.with_for_update() if lock else wanted)
