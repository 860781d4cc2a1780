"""Whom to speak of when an account is all that is known."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def first_contacts(session: AsyncSession, account_ids: Collection[int]) -> dict[int, int]:
    """The contact of each account that has been known longest; accounts without one are left
    out."""
    if not account_ids:
        return {}
    found = await session.execute(
        text(
            "SELECT account_id, min(id) FROM contact WHERE account_id = ANY(:ids)"
            " GROUP BY account_id"
        ),
        {"ids": sorted(account_ids)},
    )
    return {row[0]: row[1] for row in found}
