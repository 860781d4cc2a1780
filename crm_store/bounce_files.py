"""How far files of bounces were read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def position_of(session: AsyncSession, path: str) -> tuple[int, str] | None:
    """(position, hash of what stands before it); None for a file that was never read."""
    found = await session.execute(
        text("SELECT position, before FROM bounce_file WHERE path = :path"), {"path": path}
    )
    row = found.one_or_none()
    return None if row is None else (row[0], row[1])


async def note_position(
    session: AsyncSession, path: str, position: int, before: str, now: datetime
) -> None:
    await session.execute(
        text(
            """
            INSERT INTO bounce_file (path, position, before, read_at)
            VALUES (:path, :position, :before, :now)
            ON CONFLICT (path) DO UPDATE SET position = excluded.position,
                before = excluded.before, read_at = excluded.read_at
            """
        ),
        {"path": path, "position": position, "before": before, "now": now},
    )
