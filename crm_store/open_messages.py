"""Messages that are open: on their way just now, or of unknown fate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class MaybeSent:
    """A message that was handed over and whose answer was lost for good."""

    message_id: int
    effect_id: int
    run_id: int
    flow_id: int
    node: str
    contact_id: int
    address: str | None
    channel: str
    purpose: str
    template: str
    subject: str | None
    provider_key: str
    reason: str | None
    handed_over_at: datetime


async def maybe_sent(
    session: AsyncSession, *, flow_id: int | None, after_id: int, limit: int
) -> list[MaybeSent]:
    """Oldest first; for the next page give the last id."""
    found = await session.execute(
        text(
            """
            SELECT id, effect_id, run_id, flow_id, node, contact_id, address, channel, purpose,
                   template, subject, provider_key, reason, handed_over_at
            FROM message
            WHERE state = 'maybe_sent' AND id > :after
              AND (CAST(:flow AS bigint) IS NULL OR flow_id = :flow)
            ORDER BY id LIMIT :limit
            """
        ),
        {"after": after_id, "flow": flow_id, "limit": limit},
    )
    return [MaybeSent(*row) for row in found]


async def lock_state(session: AsyncSession, message_id: int) -> str | None:
    """The message's state, held until the transaction ends; None when there is no such message."""
    found = await session.execute(
        text("SELECT state FROM message WHERE id = :id FOR UPDATE"), {"id": message_id}
    )
    state: str | None = found.scalar_one_or_none()
    return state


async def being_handed_over(session: AsyncSession, contact_id: int) -> int:
    """How many messages to this contact are on their way and have no answer yet."""
    found = await session.execute(
        text("SELECT count(*) FROM message WHERE contact_id = :contact AND state = 'handing_over'"),
        {"contact": contact_id},
    )
    return int(found.scalar_one())
