"""Names that have been used, found by stepping through an index: the cost follows how many
different ones there are, not how many rows.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_STEPPING = """
    WITH RECURSIVE stepped(name, at) AS (
        (SELECT {column}, 1 FROM {table} ORDER BY {column} LIMIT 1)
        UNION ALL
        SELECT (SELECT next.{column} FROM {table} next WHERE next.{column} > stepped.name
                ORDER BY next.{column} LIMIT 1), stepped.at + 1
        FROM stepped WHERE stepped.name IS NOT NULL AND stepped.at < :most
    )
    SELECT name FROM stepped WHERE name IS NOT NULL
"""


async def event_names(session: AsyncSession, most: int) -> list[str]:
    """The names of events that have come in, in order."""
    return await _stepped(session, "event", "name", most)


async def tags(session: AsyncSession, most: int) -> list[str]:
    """The tags that somebody has, in order."""
    return await _stepped(session, "contact_tag", "tag", most)


async def _stepped(session: AsyncSession, table: str, column: str, most: int) -> list[str]:
    query = text(_STEPPING.format(table=table, column=column))
    return list((await session.execute(query, {"most": most})).scalars())
