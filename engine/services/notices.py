"""What a person was told: by flows, and by whatever else waits for them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import notices as rows
from crm_store.notices import ShownNotice as ShownNotice
from engine.errors import NotAllowed
from engine.services.actor import Actor, Verb, allowed

# Nobody reads on a badge whether it is 100 or 4,000.
MOST_COUNTED: Final = 100
# A page of the API and the one after it that says there is more.
MOST_LISTED: Final = 201


async def list_notices(
    session: AsyncSession,
    actor: Actor,
    *,
    before: int | None = None,
    unread: bool = False,
    limit: int = 50,
) -> list[ShownNotice]:
    """Their own notices, the newest first; for the next page give the last id as `before`."""
    user_id = _person(actor, "read")
    return await rows.notices_of(
        session, user_id, before=before, unread=unread, limit=min(limit, MOST_LISTED)
    )


async def unread_notices(session: AsyncSession, actor: Actor) -> int:
    """How many of theirs they have not seen, counted up to `MOST_COUNTED`."""
    return await rows.count_unread(session, _person(actor, "read"), MOST_COUNTED)


async def read_notices(
    session: AsyncSession,
    actor: Actor,
    notice_ids: Collection[int],
    now: datetime,
    *,
    until: int = 0,
) -> int:
    """They have seen these, and all up to the id `until`; how many were new to them. Others'
    notices are left alone."""
    user_id = _person(actor, "edit")
    return await rows.mark_read(session, user_id, notice_ids, now, until=until)


def _person(actor: Actor, verb: Verb) -> int:
    if actor.kind != "user" or actor.id is None:
        raise NotAllowed("Notices belong to a person. Sign in.")
    allowed(actor, verb, "notice")
    return actor.id
