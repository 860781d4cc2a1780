"""By which channels somebody hears of what is urgent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.rowset import rowset


class WayRow(NamedTuple):
    urgency: str
    channel: str
    address: str | None


async def ways_of(session: AsyncSession, user_id: int) -> list[WayRow]:
    found = await session.execute(
        text(
            "SELECT urgency, channel, address FROM notice_way WHERE user_id = :user"
            " ORDER BY urgency, channel"
        ),
        {"user": user_id},
    )
    return [WayRow._make(row) for row in found]


async def put_ways(
    session: AsyncSession, user_id: int, urgency: str, ways: Sequence[WayRow]
) -> None:
    """These and no others; none: mail to their address again."""
    await session.execute(
        text("DELETE FROM notice_way WHERE user_id = :user AND urgency = :urgency"),
        {"user": user_id, "urgency": urgency},
    )
    await session.execute(
        text(
            """
            INSERT INTO notice_way (user_id, urgency, channel, address)
            SELECT :user, urgency, channel, address FROM json_to_recordset(CAST(:rows AS json))
                AS new(urgency text, channel text, address text)
            """
        ),
        {"user": user_id, "rows": rowset([one._asdict() for one in ways])},
    )
