"""The database's own clock, which all workers share."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def database_now(session: AsyncSession) -> datetime:
    """The time in the middle of a transaction too, unlike PostgreSQL's `now()`."""
    found = await session.execute(text("SELECT clock_timestamp()"))
    moment: datetime = found.scalar_one()
    return moment
