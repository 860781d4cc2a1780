"""What works once: links that set a password, and sign-ins half done; and recovery codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import OneTimeLink, RecoveryCode, User

Purpose = Literal["invitation", "reset", "second_factor"]


async def add_link(session: AsyncSession, row: Mapping[str, Any]) -> None:
    await session.execute(insert(OneTimeLink).values(**row))


async def forget_old_links(session: AsyncSession, before: datetime) -> None:
    await session.execute(delete(OneTimeLink).where(OneTimeLink.expires_at <= before))


async def end_links_of(session: AsyncSession, user_id: int, purpose: Purpose) -> None:
    await session.execute(
        delete(OneTimeLink).where(OneTimeLink.user_id == user_id, OneTimeLink.purpose == purpose)
    )


async def link_behind(
    session: AsyncSession,
    token_hash: str,
    purposes: Sequence[Purpose],
    now: datetime,
    *,
    hold: bool = False,
) -> tuple[OneTimeLink, User] | None:
    """A link that still works, and whose it is. `hold`: nobody else uses it meanwhile."""
    query = (
        select(OneTimeLink, User)
        .join(User, User.id == OneTimeLink.user_id)
        .where(
            OneTimeLink.token_hash == token_hash,
            OneTimeLink.purpose.in_(purposes),
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now,
            User.active,
            User.credential_epoch == OneTimeLink.credential_epoch,
        )
        .execution_options(populate_existing=True)
    )
    if hold:
        query = query.with_for_update(of=(User, OneTimeLink))
    row = (await session.execute(query)).one_or_none()
    return None if row is None else (row[0], row[1])


async def use_link(session: AsyncSession, token_hash: str, now: datetime) -> bool:
    """Whether it was not used before; of two at the same moment one is told so."""
    found = await session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.token_hash == token_hash, OneTimeLink.used_at.is_(None))
        .values(used_at=now)
        .returning(OneTimeLink.id)
        .execution_options(synchronize_session=False)
    )
    return found.first() is not None


async def open_invitations(session: AsyncSession, now: datetime) -> dict[int, datetime]:
    """Until when each user's invitation works."""
    found = await session.execute(
        select(OneTimeLink.user_id, func.max(OneTimeLink.expires_at))
        .join(User, User.id == OneTimeLink.user_id)
        .where(
            OneTimeLink.purpose == "invitation",
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now,
            User.credential_epoch == OneTimeLink.credential_epoch,
        )
        .group_by(OneTimeLink.user_id)
    )
    return {row[0]: row[1] for row in found}


async def waiting_invitations(
    session: AsyncSession, now: datetime, *, after: int = 0, limit: int | None = None
) -> list[tuple[User, datetime]]:
    """Who was invited and has not answered, by number, and until when they may."""
    found = await session.execute(
        select(User, func.max(OneTimeLink.expires_at))
        .join(OneTimeLink, OneTimeLink.user_id == User.id)
        .where(
            OneTimeLink.purpose == "invitation",
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now,
            User.active,
            User.credential_epoch == OneTimeLink.credential_epoch,
            User.id > after,
        )
        .group_by(User.id)
        .order_by(User.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in found]


async def take_step(session: AsyncSession, user_id: int, step: int) -> bool:
    """Whether the code of this step of time, or of a later one, was not used before."""
    found = await session.execute(
        update(User)
        .where(User.id == user_id, User.totp_last_step < step)
        .values(totp_last_step=step)
        .returning(User.id)
        .execution_options(synchronize_session=False)
    )
    return found.first() is not None


async def put_recovery_codes(session: AsyncSession, user_id: int, hashes: Sequence[str]) -> None:
    """These instead of those of before."""
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    if hashes:
        rows = [{"user_id": user_id, "code_hash": one} for one in hashes]
        await session.execute(insert(RecoveryCode), rows)


async def use_recovery_code(
    session: AsyncSession, user_id: int, code_hash: str, now: datetime
) -> bool:
    found = await session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user_id,
            RecoveryCode.code_hash == code_hash,
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.user_id)
        .execution_options(synchronize_session=False)
    )
    return found.first() is not None


async def recovery_codes_left(session: AsyncSession, user_id: int) -> int:
    query = select(func.count()).where(
        RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None)
    )
    return (await session.execute(query)).scalar_one()
