"""Audiences entering a flow, page by page."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Enrolment


async def lock_enrolment(session: AsyncSession, enrolment_id: int) -> Enrolment | None:
    return await session.scalar(
        select(Enrolment).where(Enrolment.id == enrolment_id).with_for_update()
    )


def finish(enrolment: Enrolment, state: str, now: datetime) -> None:
    enrolment.state = state
    enrolment.ended_at = now


async def running_enrolments(session: AsyncSession) -> list[int]:
    return list(
        await session.scalars(
            select(Enrolment.id).where(Enrolment.state == "running").order_by(Enrolment.id)
        )
    )
