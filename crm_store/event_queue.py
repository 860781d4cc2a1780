"""How much waits for dispatch."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def queue_depth(session: AsyncSession, most: int) -> int:
    """Counted up to `most`; the rest makes no difference."""
    found = await session.execute(
        text("SELECT count(*) FROM (SELECT 1 FROM event_pending LIMIT :most) waiting"),
        {"most": most},
    )
    return int(found.scalar_one())
