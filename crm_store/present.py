"""Whether records exist."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# Tables that a request may name records of, each with what counts as being there.
_STATEMENTS: Final = {
    "contact": "SELECT id FROM contact WHERE id = ANY(:ids)",
    "account": "SELECT id FROM account WHERE id = ANY(:ids)",
    "product": "SELECT id FROM product WHERE id = ANY(:ids)",
    "user": 'SELECT id FROM "user" WHERE id = ANY(:ids) AND active',
}


async def present_ids(session: AsyncSession, table: str, ids: Collection[int]) -> frozenset[int]:
    """Those of the ids that are there; users that may work. Raises KeyError for other tables."""
    found = await session.scalars(text(_STATEMENTS[table]), {"ids": sorted(ids)})
    return frozenset(found)
