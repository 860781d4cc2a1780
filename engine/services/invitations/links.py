"""Links that let somebody choose a password once.

An invitation lasts days and a link for a new password an hour. Each works once, is over when
another one is made, and when the credentials of its person change in any way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import one_time_links as rows
from crm_store import people
from crm_store.models import User
from engine.errors import Conflict, NotFound, Problem, Refused
from engine.services.actor import Actor, allowed
from engine.services.audit import record
from engine.services.invitations.tokens import hash_of, new_token
from engine.services.passwords import hashed, weakness
from engine.services.people import add_user
from engine.services.roles.acting import actor_of, refuse_more_than_own

INVITED_FOR: Final = timedelta(days=7)
RESET_WITHIN: Final = timedelta(hours=1)
# For passing a link on by hand to somebody who is not at their desk.
GIVEN_FOR: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Link:
    """`token` goes to its person and is kept nowhere. `address` is where to mail it."""

    user_id: int
    name: str
    address: str | None
    language: str
    purpose: rows.Purpose
    token: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"Link({self.purpose}, user {self.user_id})"

    @property
    def path(self) -> str:
        return f"/set-password/{self.token}"


@dataclass(frozen=True, slots=True)
class Welcomed:
    """Whom a link that works is for."""

    name: str
    email: str | None
    purpose: str


async def invite(
    session: AsyncSession,
    actor: Actor,
    *,
    email: str,
    name: str,
    role: str,
    language: str = "en",
    now: datetime,
) -> Link:
    """A user without a password, and the link by which they choose one. Raises Refused and
    Conflict."""
    user_id = await add_user(
        session, actor, email=email, name=name, role=role, language=language, values={}
    )
    user = await people.user_by_id(session, user_id)
    assert user is not None
    return await _link(session, actor, user, "invitation", now, INVITED_FOR)


async def invite_again(session: AsyncSession, actor: Actor, user_id: int, now: datetime) -> Link:
    """A fresh link for somebody who never chose a password, or for one who lost theirs; the link of
    before is over. Raises NotFound, Conflict, Refused."""
    allowed(actor, "manage", "user")
    user = await people.user_by_id(session, user_id)
    if user is None:
        raise NotFound(f"There is no user {user_id}.")
    await refuse_more_than_own(session, actor, user.role, f"{user.name} got no link.")
    if not user.active:
        raise Conflict(f"{user.name} is deactivated. Let them in again first.")
    if user.service_account:
        raise Conflict(f"Nobody signs in as {user.name}: programs use its keys.")
    if user.password_hash is None:
        return await _link(session, actor, user, "invitation", now, INVITED_FOR)
    return await _link(session, actor, user, "reset", now, GIVEN_FOR)


async def ask_for_reset(session: AsyncSession, email: str, now: datetime) -> Link | None:
    """Somebody says they forgot their password. None when there is nobody to mail; whoever asked
    must not learn which."""
    if not email.isprintable() or len(email) > 254:
        return None
    user = await people.user_by_email(session, email)
    if user is None or not user.active or user.service_account or not user.email:
        return None
    if user.password_hash is None and user.single_sign_on_name is not None:
        return None
    own = await actor_of(session, user)
    # others go on working: a stranger who asks must not end somebody's invitation
    return await _link(session, own, user, "reset", now, RESET_WITHIN, alone=False)


async def welcomed(session: AsyncSession, token: str, now: datetime) -> Welcomed | None:
    """None for a link that is unknown, used or over: nobody is told which."""
    found = await rows.link_behind(session, hash_of(token), ["invitation", "reset"], now)
    if found is None:
        return None
    link, user = found
    return Welcomed(user.name, user.email, link.purpose)


async def set_password(session: AsyncSession, token: str, new: str, now: datetime) -> int:
    """The user, who signs in with it from now on; every sign-in of theirs ends. Raises NotFound for
    a link that works no more, and Refused for a weak password: then the link goes on working."""
    key = hash_of(token)
    found = await rows.link_behind(session, key, ["invitation", "reset"], now, hold=True)
    if found is None:
        raise NotFound("This link was used before, or it is too old. Ask for a new one.")
    link, user = found
    reason = weakness(new, current="", email=user.email, name=user.name)
    if reason is not None:
        raise Refused("The password was not set.", [reason])
    if not await rows.use_link(session, key, now):
        raise NotFound("This link was used before, or it is too old. Ask for a new one.")
    values = {"password_hash": await hashed(new), "password_is_one_time": False}
    purpose, own = link.purpose, await actor_of(session, user)
    await people.change_credentials(session, user.id, values)
    await record(session, own, "set_password", "user", user.id, why=f"by a link: {purpose}")
    return user.id


async def open_invitations(
    session: AsyncSession, actor: Actor, now: datetime
) -> dict[int, datetime]:
    """Who has not answered yet, and until when they may."""
    allowed(actor, "read", "user")
    return await rows.open_invitations(session, now)


async def make_service_account(
    session: AsyncSession, actor: Actor, *, name: str, address: str, role: str
) -> int:
    """An account that programs act as, by API keys; nobody signs in as it. `address` only names
    it. Raises Refused and Conflict."""
    if role == "admin":
        problem = Problem("/role", "beyond_own", "a program is never an admin; give it a role")
        raise Refused("The account was not made.", [problem])
    return await add_user(
        session,
        actor,
        email=address,
        name=name,
        role=role,
        language="en",
        values={"service_account": True},
    )


async def _link(
    session: AsyncSession,
    actor: Actor,
    user: User,
    purpose: rows.Purpose,
    now: datetime,
    lasts: timedelta,
    *,
    alone: bool = True,
) -> Link:
    token = new_token()
    if alone:
        await rows.end_links_of(session, user.id, "invitation")
        await rows.end_links_of(session, user.id, "reset")
    row = {
        "token_hash": hash_of(token),
        "purpose": purpose,
        "user_id": user.id,
        "credential_epoch": user.credential_epoch,
        "created_by": actor.id if actor.kind == "user" else None,
        "created_at": now,
        "expires_at": now + lasts,
    }
    await rows.add_link(session, row)
    await record(session, actor, "make_link", "user", user.id, after={"for": purpose})
    return Link(user.id, user.name, user.email, user.language, purpose, token, now + lasts)
