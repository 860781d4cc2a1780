"""Channels and senders by name. They are few, so all are read together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models.channel import Channel, SenderIdentity, channel_revision

State = tuple[int, int, int, int]


async def state_of_channels(session: AsyncSession) -> State:
    """How many channels and senders there are, their last revision and the sum of all: another
    answer means that something changed. The sum tells of a change whose revision was drawn before
    the last one and committed after it."""
    found = await session.execute(
        text(
            """
            SELECT (SELECT count(*) FROM channel), (SELECT count(*) FROM sender_identity),
                   greatest((SELECT max(revision) FROM channel),
                            (SELECT max(revision) FROM sender_identity), 0),
                   (coalesce((SELECT sum(revision) FROM channel), 0)
                    + coalesce((SELECT sum(revision) FROM sender_identity), 0))::bigint
            """
        )
    )
    row = found.one()
    return (row[0], row[1], row[2], row[3])


async def channels(session: AsyncSession) -> Sequence[Channel]:
    found = await session.execute(
        select(Channel).order_by(Channel.name).execution_options(populate_existing=True)
    )
    return found.scalars().all()


async def channel_for_change(session: AsyncSession, name: str) -> Channel | None:
    found = await session.execute(select(Channel).where(Channel.name == name).with_for_update())
    return found.scalar_one_or_none()


async def add_channel(session: AsyncSession, values: Mapping[str, Any]) -> bool:
    """False when the name is taken."""
    made = await session.execute(
        upsert(Channel).values(**values).on_conflict_do_nothing().returning(Channel.name)
    )
    return made.scalar_one_or_none() is not None


async def change_channel(
    session: AsyncSession, name: str, values: Mapping[str, Any], by: str, now: datetime
) -> None:
    row = await channel_for_change(session, name)
    assert row is not None
    for field, value in values.items():
        setattr(row, field, value)
    row.changed_at, row.changed_by = now, by
    row.revision = await _next_revision(session)
    await session.flush()


async def delete_channel(session: AsyncSession, name: str) -> bool:
    found = await session.execute(
        delete(Channel).where(Channel.name == name).returning(Channel.name)
    )
    return found.scalar_one_or_none() is not None


async def identities(session: AsyncSession) -> Sequence[SenderIdentity]:
    found = await session.execute(
        select(SenderIdentity)
        .order_by(SenderIdentity.slug)
        .execution_options(populate_existing=True)
    )
    return found.scalars().all()


async def put_identity(session: AsyncSession, slug: str, values: Mapping[str, Any]) -> None:
    """A second one of the slug takes the place of the first."""
    wanted = {**values, "revision": await _next_revision(session)}
    await session.execute(
        upsert(SenderIdentity)
        .values(slug=slug, **wanted)
        .on_conflict_do_update(index_elements=[SenderIdentity.slug], set_=wanted)
    )


async def delete_identity(session: AsyncSession, slug: str) -> bool:
    found = await session.execute(
        delete(SenderIdentity).where(SenderIdentity.slug == slug).returning(SenderIdentity.slug)
    )
    return found.scalar_one_or_none() is not None


async def _next_revision(session: AsyncSession) -> int:
    found = await session.execute(select(channel_revision.next_value()))
    return int(found.scalar_one())
