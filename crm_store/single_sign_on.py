"""Who is away at the company's own sign-in, and by which name it knows somebody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import SingleSignOnAttempt, User


class Attempt(NamedTuple):
    browser_hash: str
    nonce: str
    verifier: str
    onward: str


async def add_attempt(session: AsyncSession, row: Mapping[str, Any]) -> None:
    await session.execute(insert(SingleSignOnAttempt).values(**row))


async def forget_attempts(session: AsyncSession, now: datetime) -> None:
    await session.execute(delete(SingleSignOnAttempt).where(SingleSignOnAttempt.expires_at <= now))


async def take_attempt(session: AsyncSession, state_hash: str, now: datetime) -> Attempt | None:
    """The attempt, which is there no more afterwards: of two who bring one state, one gets it."""
    one = SingleSignOnAttempt
    found = await session.execute(
        delete(one)
        .where(one.state_hash == state_hash)
        .returning(one.browser_hash, one.nonce, one.verifier, one.onward, one.expires_at)
    )
    row = found.one_or_none()
    return None if row is None or row[4] <= now else Attempt(*row[:4])


async def user_called(session: AsyncSession, name: str) -> User | None:
    found = await session.scalars(select(User).where(User.single_sign_on_name == name))
    return found.one_or_none()


async def link_user(session: AsyncSession, user_id: int, name: str) -> bool:
    """False for a user who has another name there already."""
    found = await session.execute(
        update(User)
        .where(User.id == user_id, User.single_sign_on_name.is_(None))
        .values(single_sign_on_name=name)
        .returning(User.id)
        .execution_options(synchronize_session=False)
    )
    return found.first() is not None
