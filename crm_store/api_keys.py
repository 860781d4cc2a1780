"""Every query about API keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import ApiKey, User

Used = Literal["last_used_at", "previous_used_at"]


async def add_api_key(session: AsyncSession, row: Mapping[str, Any]) -> int:
    made = await session.execute(insert(ApiKey).values(**row).returning(ApiKey.id))
    return int(made.scalar_one())


async def api_key_for_change(session: AsyncSession, prefix: str) -> ApiKey | None:
    """The key, locked: two people who rotate it at once do so one after the other."""
    found = await session.execute(
        select(ApiKey).where(ApiKey.prefix == prefix).with_for_update(key_share=True)
    )
    return found.scalar_one_or_none()


async def change_api_key(session: AsyncSession, key_id: int, values: Mapping[str, Any]) -> None:
    await session.execute(update(ApiKey).where(ApiKey.id == key_id).values(**values))


async def api_keys(session: AsyncSession) -> Sequence[Row[ApiKey, User]]:
    """All keys with the people they act for, the newest last."""
    found = await session.execute(
        select(ApiKey, User).join(User, User.id == ApiKey.user_id).order_by(ApiKey.id)
    )
    return found.all()


async def api_key_with_user(
    session: AsyncSession, prefix: str, now: datetime
) -> tuple[ApiKey, User] | None:
    """The key and its person, when neither has ended."""
    found = await session.execute(
        select(ApiKey, User)
        .join(User, User.id == ApiKey.user_id)
        .where(
            ApiKey.prefix == prefix,
            ApiKey.revoked_at.is_(None),
            or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now),
            User.active,
        )
    )
    row = found.one_or_none()
    return None if row is None else (row[0], row[1])


async def note_use(session: AsyncSession, key_id: int, which: Used, now: datetime) -> None:
    """Write down that a secret was used, at most once a minute.

    Somebody who is changing the key at this moment is not waited for.
    """
    column = getattr(ApiKey, which)
    due = or_(column.is_(None), column < now - timedelta(minutes=1))
    free = select(ApiKey.id).where(ApiKey.id == key_id, due)
    await session.execute(
        update(ApiKey)
        .where(ApiKey.id.in_(free.with_for_update(skip_locked=True, key_share=True)))
        .values({which: now})
        .execution_options(synchronize_session=False)
    )
