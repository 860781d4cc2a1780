"""What a person was told by flows, for the designer to show."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import notices as rows
from crm_store.notices import ShownNotice as ShownNotice
from engine.errors import NotAllowed
from engine.services.actor import Actor


async def list_notices(
    session: AsyncSession,
    actor: Actor,
    *,
    before: int | None = None,
    unread: bool = False,
    limit: int = 50,
) -> list[ShownNotice]:
    """Their own notices, the newest first; for the next page give the last id as `before`."""
    user_id = _person(actor)
    return await rows.notices_of(
        session, user_id, before=before, unread=unread, limit=min(limit, 200)
    )


async def read_notices(
    session: AsyncSession, actor: Actor, notice_ids: Collection[int], now: datetime
) -> int:
    """They have seen them; how many were new to them. Others' notices are left alone."""
    return await rows.mark_read(session, _person(actor), notice_ids, now)


def _person(actor: Actor) -> int:
    if actor.kind != "user" or actor.id is None:
        raise NotAllowed("Notices belong to a person. Sign in.")
    return actor.id
