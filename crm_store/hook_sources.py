"""Systems that report what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import HookSource


async def add_hook_source(session: AsyncSession, row: Mapping[str, Any]) -> int | None:
    """The new source's id; None when the name is taken."""
    made = await session.execute(
        upsert(HookSource)
        .values(**row)
        .on_conflict_do_nothing(index_elements=[HookSource.name])
        .returning(HookSource.id)
    )
    return made.scalar_one_or_none()


async def hook_source_named(session: AsyncSession, name: str) -> HookSource | None:
    found = await session.execute(select(HookSource).where(HookSource.name == name))
    return found.scalar_one_or_none()


async def hook_source_for_change(session: AsyncSession, name: str) -> HookSource | None:
    found = await session.execute(
        select(HookSource).where(HookSource.name == name).with_for_update()
    )
    return found.scalar_one_or_none()


async def hook_sources(session: AsyncSession) -> Sequence[HookSource]:
    found = await session.execute(select(HookSource).order_by(HookSource.name))
    return found.scalars().all()


async def change_hook_source(
    session: AsyncSession, source_id: int, values: Mapping[str, Any]
) -> None:
    await session.execute(update(HookSource).where(HookSource.id == source_id).values(**values))


async def delete_hook_source(session: AsyncSession, source_id: int) -> None:
    await session.execute(delete(HookSource).where(HookSource.id == source_id))


async def note_use(session: AsyncSession, source_id: int, now: datetime) -> None:
    """To the minute, so that a busy source is not written with every event."""
    await session.execute(
        text(
            "UPDATE hook_source SET last_used_at = :now WHERE id = :id AND"
            " coalesce(last_used_at, '-infinity') < CAST(:now AS timestamptz) - interval '1 minute'"
        ),
        {"id": source_id, "now": now},
    )
