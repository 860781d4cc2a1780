"""What stands behind a write key."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import WriteKey
from crm_store.people import source_behind


async def key_behind(session: AsyncSession, key_hash: str) -> tuple[str, bool] | None:
    """The source of a valid key and whether it may merge contacts; notes that it was used."""
    source = await source_behind(session, key_hash)
    if source is None:
        return None
    found = await session.execute(select(WriteKey.may_merge).where(WriteKey.key_hash == key_hash))
    return source, bool(found.scalar_one_or_none())
