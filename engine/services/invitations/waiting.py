"""Invitations that nobody has answered yet, and taking one back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import one_time_links as rows
from crm_store import people
from engine.errors import Conflict, NotFound
from engine.services.actor import Actor, allowed
from engine.services.audit import record
from engine.services.people import deactivate_user
from engine.services.roles.acting import refuse_more_than_own


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whom it is for, and until when its link works."""

    user_id: int
    name: str
    email: str | None
    role: str
    language: str
    expires_at: datetime


async def list_invitations(
    session: AsyncSession,
    actor: Actor,
    now: datetime,
    *,
    after: int = 0,
    limit: int | None = None,
) -> list[Invitation]:
    """By the person's number."""
    allowed(actor, "read", "user")
    return [
        Invitation(user.id, user.name, user.email, user.role, user.language, until)
        for user, until in await rows.waiting_invitations(session, now, after=after, limit=limit)
    ]


async def withdraw_invitation(
    session: AsyncSession, actor: Actor, user_id: int, now: datetime
) -> None:
    """The link opens nothing any more, and its person is deactivated: nobody waits for them.
    `pokes.clocks` after the commit. Raises NotFound, Refused for somebody who may do more than the
    actor, and Conflict for somebody who can sign in already."""
    allowed(actor, "manage", "user")
    user = await people.user_by_id(session, user_id)
    if user is None:
        raise NotFound(f"There is no user {user_id}.")
    await refuse_more_than_own(session, actor, user.role, "The invitation stays.")
    if user.password_hash is not None or user.single_sign_on_name is not None:
        raise Conflict(f"{user.name} came in already. Deactivate them instead.")
    if user.service_account or not user.active:
        raise Conflict(f"{user.name} has no invitation that could be withdrawn.")
    await rows.end_links_of(session, user_id, "invitation")
    await record(session, actor, "withdraw", "invitation", user_id, before={"role": user.role})
    await deactivate_user(session, actor, user_id, now)
