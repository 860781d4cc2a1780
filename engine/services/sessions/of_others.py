"""Where others are signed in, for those who manage people: from the API and the command line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import people
from crm_store import sessions as rows
from engine.errors import NotFound
from engine.services.actor import Actor, allowed
from engine.services.audit import record
from engine.services.roles.acting import refuse_more_than_own

_NONE = "There is no such sign-in; it may have ended by itself."


@dataclass(frozen=True, slots=True)
class KnownSession:
    """`address` and `device` are what the browser came with; `means` how they proved who they
    are."""

    id: int
    user_id: int
    user: str
    email: str | None
    means: str
    address: str | None
    device: str | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


async def list_sessions(
    session: AsyncSession,
    actor: Actor,
    now: datetime,
    *,
    user_id: int | None = None,
    before: int | None = None,
    limit: int,
) -> list[KnownSession]:
    """Those that last, the one begun last on top: everybody's, or one person's. Raises NotFound for
    a person who is not there."""
    allowed(actor, "read", "user")
    if user_id is not None and await people.user_by_id(session, user_id) is None:
        raise NotFound(f"There is no user {user_id}.")
    found = await rows.all_sign_ins(session, now, user_id=user_id, before=before, limit=limit)
    return [
        KnownSession(
            one.id,
            user.id,
            user.name,
            user.email,
            one.means,
            one.address,
            one.device,
            one.created_at,
            one.last_seen_at,
            one.expires_at,
        )
        for one, user in found
    ]


async def end_session(session: AsyncSession, actor: Actor, sign_in_id: int) -> None:
    """Pages open there go to the sign-in page within seconds. Raises NotFound, and Refused for that
    of somebody who may do more than the actor."""
    allowed(actor, "manage", "user")
    user = await rows.whose_sign_in(session, sign_in_id)
    if user is None:
        raise NotFound(_NONE)
    if user.id != actor.id:
        await refuse_more_than_own(session, actor, user.role, "The sign-in was not ended.")
    if not await rows.end_one(session, user.id, sign_in_id):
        raise NotFound(_NONE)
    await record(session, actor, "end", "sign_in", sign_in_id, before={"user_id": user.id})


async def end_sessions_of(session: AsyncSession, actor: Actor, user_id: int) -> int:
    """How many were ended: all of this person's. Raises NotFound and Refused as for one."""
    allowed(actor, "manage", "user")
    user = await people.user_by_id(session, user_id)
    if user is None:
        raise NotFound(f"There is no user {user_id}.")
    if user.id != actor.id:
        await refuse_more_than_own(session, actor, user.role, "No sign-in was ended.")
    ended = await rows.end_others(session, user.id, "")
    if ended:
        await record(session, actor, "end_all", "sign_in", user.id, after={"ended": ended})
    return ended
