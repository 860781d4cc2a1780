"""Sealed secrets by name."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import KeptSecret


async def put_secret(
    session: AsyncSession, name: str, sealed: str, changed_by: str, now: datetime
) -> None:
    """A second one of the name takes the place of the first."""
    values = {"sealed": sealed, "changed_at": now, "changed_by": changed_by}
    await session.execute(
        upsert(KeptSecret)
        .values(name=name, **values)
        .on_conflict_do_update(index_elements=[KeptSecret.name], set_=values)
    )


async def secrets_by_name(session: AsyncSession) -> list[tuple[str, datetime, str]]:
    found = await session.execute(
        select(KeptSecret.name, KeptSecret.changed_at, KeptSecret.changed_by).order_by(
            KeptSecret.name
        )
    )
    return [(row[0], row[1], row[2]) for row in found]


async def delete_secret(session: AsyncSession, name: str) -> bool:
    found = await session.execute(
        delete(KeptSecret).where(KeptSecret.name == name).returning(KeptSecret.name)
    )
    return found.scalar_one_or_none() is not None


async def sealed_secrets(session: AsyncSession, names: Collection[str]) -> dict[str, str]:
    """Sealed texts by name, for the names that are known."""
    if not names:
        return {}
    found = await session.execute(
        select(KeptSecret.name, KeptSecret.sealed).where(KeptSecret.name.in_(sorted(names)))
    )
    return {row[0]: row[1] for row in found}
