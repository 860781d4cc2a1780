"""Remembered answers of requests that carry an idempotency key."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import IdempotencyKey

# Few enough not to be felt, more than one, so that old rows go faster than new ones come.
FORGOTTEN_AT_ONCE = 20


async def take_turn(session: AsyncSession, actor: str, key: str) -> bool:
    """Whether this transaction is the only one at work on the key; held until it ends."""
    digest = hashlib.sha256(f"{actor}\0{key}".encode()).digest()
    number = int.from_bytes(digest[:8], "big", signed=True)
    found = await session.execute(select(func.pg_try_advisory_xact_lock(number)))
    return bool(found.scalar_one())


async def remembered(
    session: AsyncSession, actor: str, key: str, since: datetime
) -> tuple[str, dict[str, Any]] | None:
    """Fingerprint and answer of the key, unless they are older than `since`."""
    found = await session.execute(
        select(IdempotencyKey.fingerprint, IdempotencyKey.answer).where(
            IdempotencyKey.actor == actor,
            IdempotencyKey.key == key,
            IdempotencyKey.at > since,
        )
    )
    row = found.one_or_none()
    return None if row is None else (row.fingerprint, row.answer)


async def remember(session: AsyncSession, row: Mapping[str, Any], *, since: datetime) -> None:
    """Keep an answer, in the place of one that is too old; a few other old ones go with it."""
    kept = insert(IdempotencyKey).values(**row)
    await session.execute(
        kept.on_conflict_do_update(
            index_elements=[IdempotencyKey.actor, IdempotencyKey.key],
            set_={name: kept.excluded[name] for name in ("fingerprint", "answer", "at")},
        )
    )
    old = (
        select(IdempotencyKey.actor, IdempotencyKey.key)
        .where(IdempotencyKey.at <= since)
        .order_by(IdempotencyKey.at)
        .limit(FORGOTTEN_AT_ONCE)
        .with_for_update(skip_locked=True)
        .cte("old")
    )
    await session.execute(
        delete(IdempotencyKey)
        .where(IdempotencyKey.actor == old.c.actor, IdempotencyKey.key == old.c.key)
        .execution_options(synchronize_session=False)
    )


async def answer_claim(
    session: AsyncSession, actor: str, key: str, answer: Mapping[str, Any], now: datetime
) -> None:
    """Put the answer in the place of the claim."""
    await session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.actor == actor, IdempotencyKey.key == key)
        .values(answer=answer, at=now)
        .execution_options(synchronize_session=False)
    )


async def forget(session: AsyncSession, actor: str, key: str) -> None:
    await session.execute(
        delete(IdempotencyKey)
        .where(IdempotencyKey.actor == actor, IdempotencyKey.key == key)
        .execution_options(synchronize_session=False)
    )
