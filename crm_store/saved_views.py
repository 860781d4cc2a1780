"""How people like to see their lists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import SavedView, User


class SavedViewRow(NamedTuple):
    """`owner` is the name of whose it is."""

    id: int
    record: str
    name: str
    owner_id: int
    owner: str
    shared: bool
    document: dict[str, Any]
    revision: int


def _rows() -> Any:
    return select(
        SavedView.id,
        SavedView.record,
        SavedView.name,
        SavedView.owner_id,
        User.name,
        SavedView.shared,
        SavedView.document,
        SavedView.revision,
    ).join(User, User.id == SavedView.owner_id)


async def views_for(session: AsyncSession, record: str, user_id: int) -> list[SavedViewRow]:
    """One's own by name, then those that others share."""
    query = (
        _rows()
        .where(SavedView.record == record)
        .where(or_(SavedView.owner_id == user_id, SavedView.shared))
        .order_by(SavedView.owner_id != user_id, SavedView.name_key, SavedView.id)
    )
    return [SavedViewRow._make(row) for row in await session.execute(query)]


async def view_numbered(
    session: AsyncSession, view_id: int, *, lock: bool = False
) -> SavedViewRow | None:
    query = _rows().where(SavedView.id == view_id)
    if lock:
        query = query.with_for_update(of=SavedView)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else SavedViewRow._make(row)


async def add_view(session: AsyncSession, values: Mapping[str, Any]) -> int | None:
    """The number of the new view; None when its owner has one of this name."""
    made = upsert(SavedView).values(**values).on_conflict_do_nothing().returning(SavedView.id)
    return (await session.execute(made)).scalar_one_or_none()


async def is_name_taken(
    session: AsyncSession, owner_id: int, record: str, name_key: str, *, besides: int
) -> bool:
    found = await session.scalar(
        select(SavedView.id).where(
            SavedView.owner_id == owner_id,
            SavedView.record == record,
            SavedView.name_key == name_key,
            SavedView.id != besides,
        )
    )
    return found is not None


async def change_view(
    session: AsyncSession, view_id: int, values: Mapping[str, Any], now: datetime
) -> None:
    await session.execute(
        update(SavedView)
        .where(SavedView.id == view_id)
        .values(**values, revision=SavedView.revision + 1, updated_at=now)
        .execution_options(synchronize_session=False)
    )


async def remove_view(session: AsyncSession, view_id: int) -> None:
    await session.execute(delete(SavedView).where(SavedView.id == view_id))


async def count_views(session: AsyncSession, owner_id: int, record: str) -> int:
    found = await session.scalars(
        select(SavedView.id).where(SavedView.owner_id == owner_id, SavedView.record == record)
    )
    return len(found.all())
