"""Sign-ins of one person, and which of many are over."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import SignIn, User


async def sign_ins_of(session: AsyncSession, user_id: int, now: datetime) -> Sequence[SignIn]:
    """Those that last, the one used last on top."""
    found = await session.scalars(
        select(SignIn)
        .join(User, User.id == SignIn.user_id)
        .where(
            SignIn.user_id == user_id,
            SignIn.expires_at > now,
            SignIn.credential_epoch == User.credential_epoch,
        )
        .order_by(SignIn.last_seen_at.desc(), SignIn.id.desc())
    )
    return found.all()


async def all_sign_ins(
    session: AsyncSession,
    now: datetime,
    *,
    user_id: int | None = None,
    before: int | None = None,
    limit: int,
) -> list[tuple[SignIn, User]]:
    """Everybody's that last, or one person's, the one begun last on top."""
    query = (
        select(SignIn, User)
        .join(User, User.id == SignIn.user_id)
        .where(
            SignIn.expires_at > now,
            User.active,
            SignIn.credential_epoch == User.credential_epoch,
        )
        .order_by(SignIn.id.desc())
        .limit(limit)
    )
    if user_id is not None:
        query = query.where(SignIn.user_id == user_id)
    if before is not None:
        query = query.where(SignIn.id < before)
    return [(row[0], row[1]) for row in await session.execute(query)]


async def whose_sign_in(session: AsyncSession, sign_in_id: int) -> User | None:
    found = await session.scalars(
        select(User).join(SignIn, SignIn.user_id == User.id).where(SignIn.id == sign_in_id)
    )
    return found.one_or_none()


async def end_one(session: AsyncSession, user_id: int, sign_in_id: int) -> bool:
    """Whether there was such a one of this person."""
    gone = await session.execute(
        delete(SignIn)
        .where(SignIn.user_id == user_id, SignIn.id == sign_in_id)
        .returning(SignIn.id)
    )
    return gone.first() is not None


async def end_others(session: AsyncSession, user_id: int, besides: str) -> int:
    """How many were ended; `besides` is the hash of the token that stays."""
    gone = await session.execute(
        delete(SignIn)
        .where(SignIn.user_id == user_id, SignIn.token_hash != besides)
        .returning(SignIn.id)
    )
    return len(gone.all())


async def still_lasting(
    session: AsyncSession, token_hashes: Collection[str], now: datetime
) -> frozenset[str]:
    """Those of the hashes behind which somebody is still signed in."""
    found = await session.scalars(
        select(SignIn.token_hash)
        .join(User, User.id == SignIn.user_id)
        .where(
            SignIn.token_hash.in_(token_hashes),
            SignIn.expires_at > now,
            User.active,
            User.credential_epoch == SignIn.credential_epoch,
        )
    )
    return frozenset(found)
