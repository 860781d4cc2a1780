"""Letting go of days that are past."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import audit_chain as rows
from engine.services.actor import SYSTEM
from engine.services.audit import record


async def remove_old_days(session: AsyncSession, before: datetime, now: datetime) -> int:
    """Whole days that were sealed before this; how many rows. The removal is written down."""
    await rows.hold_chain(session)
    days, count = await rows.remove_days(session, before.date(), now)
    if days:
        after = {"before": before.date().isoformat(), "days": days, "rows": count}
        await record(session, SYSTEM, "remove", "audit", "days", after=after)
    return count
