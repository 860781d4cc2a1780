"""What a key may still ask in this minute, over all web processes."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


class Granted(NamedTuple):
    """`seconds` are left of the minute."""

    requests: int
    seconds: float


async def take(session: AsyncSession, key_id: int, wanted: int, most: int) -> Granted:
    """Of the key's minute as much as is wanted, or what is left of it. The minute is that of the
    database's clock, so that the processes need not agree about the time."""
    found = await session.execute(
        text(
            """
            WITH clock AS (
                SELECT extract(epoch FROM clock_timestamp()) AS at
            )
            INSERT INTO api_allowance AS a (key_id, minute, taken, granted)
            SELECT :key_id, floor(at / 60)::bigint, least(:wanted, :most), least(:wanted, :most)
            FROM clock
            ON CONFLICT (key_id) DO UPDATE SET
                granted = CASE WHEN a.minute >= excluded.minute
                               THEN least(excluded.taken, greatest(:most - a.taken, 0))
                               ELSE excluded.taken END,
                taken = CASE WHEN a.minute >= excluded.minute
                             THEN least(a.taken + excluded.taken, :most)
                             ELSE excluded.taken END,
                minute = greatest(a.minute, excluded.minute)
            RETURNING granted, 60 - (SELECT at - floor(at / 60) * 60 FROM clock)
            """
        ),
        {"key_id": key_id, "wanted": wanted, "most": most},
    )
    granted, seconds = found.one()
    return Granted(int(granted), float(seconds))
