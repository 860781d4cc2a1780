"""Calendars of working hours, as rows."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Calendar


class CalendarRow(NamedTuple):
    name: str
    label: str
    zone: str | None
    country: str | None
    subdivision: str | None
    hours: dict[str, Any]
    exceptions: dict[str, Any]
    is_default: bool


async def calendar_rows(session: AsyncSession) -> list[CalendarRow]:
    """All of them, the default one first; a workspace has a handful."""
    found = await session.execute(
        text(
            """
            SELECT name, label, zone, country, subdivision, hours, exceptions, is_default
            FROM calendar ORDER BY is_default DESC, name
            """
        )
    )
    return [CalendarRow._make(row) for row in found]


async def calendar_named(
    session: AsyncSession, name: str, *, lock: bool = False
) -> Calendar | None:
    wanted = select(Calendar).where(Calendar.name == name)
    return await session.scalar(wanted.with_for_update() if lock else wanted)


async def lock_calendars(session: AsyncSession) -> None:
    """Keep others from writing calendars until this transaction ends; one of them is the default.
    Reading goes on."""
    await session.execute(text("LOCK TABLE calendar IN SHARE ROW EXCLUSIVE MODE"))


async def no_default(session: AsyncSession) -> None:
    await session.execute(
        update(Calendar).where(Calendar.is_default.is_(True)).values(is_default=False)
    )
