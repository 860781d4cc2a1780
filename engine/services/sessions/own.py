"""One's own sign-ins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import sessions as rows
from engine.errors import NotFound, NotSignedIn
from engine.services.actor import Actor
from engine.services.audit import record
from engine.services.invitations.tokens import hash_of


@dataclass(frozen=True, slots=True)
class KnownSignIn:
    """`address` and `device` are what the browser came with; None for those of before."""

    id: int
    current: bool
    means: str
    address: str | None
    device: str | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


async def list_sign_ins(
    session: AsyncSession, actor: Actor, token: str | None, now: datetime
) -> list[KnownSignIn]:
    """Those that last, this one among them."""
    here = hash_of(token or "")
    return [
        KnownSignIn(
            one.id,
            one.token_hash == here,
            one.means,
            one.address,
            one.device,
            one.created_at,
            one.last_seen_at,
            one.expires_at,
        )
        for one in await rows.sign_ins_of(session, _person(actor), now)
    ]


async def end_sign_in(session: AsyncSession, actor: Actor, sign_in_id: int) -> None:
    """Pages open there go to the sign-in page within seconds. Raises NotFound."""
    user_id = _person(actor)
    if not await rows.end_one(session, user_id, sign_in_id):
        raise NotFound("There is no such sign-in; it may have ended by itself.")
    await record(session, actor, "end", "sign_in", sign_in_id)


async def end_other_sign_ins(session: AsyncSession, actor: Actor, token: str | None) -> int:
    """How many were ended; the one of this token stays."""
    ended = await rows.end_others(session, _person(actor), hash_of(token or ""))
    if ended:
        await record(session, actor, "end_others", "sign_in", actor.id or 0, after={"ended": ended})
    return ended


def _person(actor: Actor) -> int:
    if actor.kind != "user" or actor.id is None or actor.scopes is not None:
        raise NotSignedIn("Only a person who is signed in has sign-ins.")
    return actor.id
