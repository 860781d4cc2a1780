"""Messages as people look at them: what is unclear, and what a contact was sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One message in a list."""

    id: int
    effect_id: int
    run_id: int
    flow_id: int
    node: str
    contact_id: int
    channel: str
    purpose: str
    template: str
    subject: str | None
    provider_key: str
    state: str
    reason: str | None
    handed_over_at: datetime
    answered_at: datetime | None


_COLUMNS = ", ".join(MessageLine.__dataclass_fields__)


async def maybe_sent(
    session: AsyncSession, *, flow_id: int | None, after_id: int, limit: int
) -> list[MessageLine]:
    """Messages nobody knows the fate of, oldest first; for the next page give the last id."""
    found = await session.execute(
        text(
            f"""
            SELECT {_COLUMNS} FROM message
            WHERE state = 'maybe_sent' AND id > :after
              AND (CAST(:flow AS bigint) IS NULL OR flow_id = :flow)
            ORDER BY id LIMIT :limit
            """  # noqa: S608 - the columns are a constant
        ),
        {"after": after_id, "flow": flow_id, "limit": limit},
    )
    return [MessageLine(*row) for row in found]


async def messages_of(
    session: AsyncSession, contact_id: int, *, before_id: int | None, limit: int
) -> list[MessageLine]:
    """What one contact was sent or spared, newest first; for the next page give the last id."""
    found = await session.execute(
        text(
            f"""
            SELECT {_COLUMNS} FROM message
            WHERE contact_id = :contact AND (CAST(:before AS bigint) IS NULL OR id < :before)
            ORDER BY handed_over_at DESC, id DESC LIMIT :limit
            """  # noqa: S608 - the columns are a constant
        ),
        {"contact": contact_id, "before": before_id, "limit": limit},
    )
    return [MessageLine(*row) for row in found]


async def one_message(session: AsyncSession, message_id: int) -> MessageLine | None:
    """The message, locked until the transaction ends."""
    found = await session.execute(
        text(f"SELECT {_COLUMNS} FROM message WHERE id = :id FOR UPDATE"),  # noqa: S608 - constant
        {"id": message_id},
    )
    row = found.one_or_none()
    return None if row is None else MessageLine(*row)


async def being_handed_over(session: AsyncSession, contact_id: int) -> int:
    """How many messages to this contact are on their way and have no answer yet."""
    found = await session.execute(
        text("SELECT count(*) FROM message WHERE contact_id = :contact AND state = 'handing_over'"),
        {"contact": contact_id},
    )
    return int(found.scalar_one())
