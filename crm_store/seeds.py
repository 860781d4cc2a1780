"""The seed list: addresses of our own that get proofs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.base import folded
from crm_store.models import SeedAddress

# The first half of the advisory lock's key ("test"); the second is whose tests are counted.
_LOCK: Final = 0x74657374


async def seeds(session: AsyncSession) -> list[SeedAddress]:
    """By address."""
    return list(await session.scalars(select(SeedAddress).order_by(SeedAddress.address_key)))


async def lock_tests(session: AsyncSession, whose: str) -> None:
    """Nobody else counts and adds to these tests until this transaction ends."""
    await session.execute(
        text("SELECT pg_advisory_xact_lock(:space, hashtext(:whose))"),
        {"space": _LOCK, "whose": whose},
    )


async def seeds_among(session: AsyncSession, addresses: Collection[str]) -> set[str]:
    """Which of these addresses are on the list, as they are written there."""
    keys = sorted({folded(address) for address in addresses})
    found = await session.scalars(
        select(SeedAddress.address).where(SeedAddress.address_key.in_(keys))
    )
    return set(found)


async def put_seed(
    session: AsyncSession, address: str, note: str, added_by: str, now: datetime
) -> bool:
    """Whether it is new; of one that is there already the note is replaced."""
    key = folded(address)
    known = await session.scalar(
        select(SeedAddress.address_key).where(SeedAddress.address_key == key)
    )
    values = {"address": address, "note": note}
    await session.execute(
        upsert(SeedAddress)
        .values(address_key=key, added_at=now, added_by=added_by, **values)
        .on_conflict_do_update(index_elements=[SeedAddress.address_key], set_=values)
    )
    return known is None


async def delete_seed(session: AsyncSession, address: str) -> bool:
    found = await session.execute(
        delete(SeedAddress)
        .where(SeedAddress.address_key == folded(address))
        .returning(SeedAddress.address_key)
    )
    return found.scalar_one_or_none() is not None
