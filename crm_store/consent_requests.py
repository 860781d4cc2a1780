"""Requests for messages that wait to be confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_COLUMNS = (
    "id, contact_id, channel, purpose, topics, source, text_version, asked_at, expires_at,"
    " confirmed_at"
)


@dataclass(frozen=True, slots=True)
class RequestRow:
    """`text_version` says which words were agreed to."""

    id: int
    contact_id: int
    channel: str
    purpose: str
    topics: tuple[str, ...]
    source: str
    text_version: str | None
    asked_at: datetime
    expires_at: datetime
    confirmed_at: datetime | None


async def add_request(
    session: AsyncSession,
    contact_id: int,
    *,
    channel: str,
    purpose: str,
    topics: Sequence[str],
    source: str,
    text_version: str | None,
    asked_at: datetime,
    expires_at: datetime,
) -> int:
    found = await session.execute(
        text(
            """
            INSERT INTO consent_request (contact_id, channel, purpose, topics, source, text_version,
                                         asked_at, expires_at)
            VALUES (:contact, :channel, :purpose, CAST(:topics AS jsonb), :source, :version,
                    :asked, :expires)
            RETURNING id
            """
        ),
        {
            "contact": contact_id,
            "channel": channel,
            "purpose": purpose,
            "topics": orjson.dumps(list(topics)).decode(),
            "source": source,
            "version": text_version,
            "asked": asked_at,
            "expires": expires_at,
        },
    )
    return int(found.scalar_one())


async def requests_of(session: AsyncSession, contact_id: int) -> list[RequestRow]:
    """The newest first, some dozens at most."""
    found = await session.execute(
        text(
            f"SELECT {_COLUMNS} FROM consent_request WHERE contact_id = :id"  # noqa: S608
            " ORDER BY id DESC LIMIT 50"
        ),
        {"id": contact_id},
    )
    return [_row(row) for row in found]


async def request_by_id(session: AsyncSession, request_id: int) -> RequestRow | None:
    found = await session.execute(
        text(f"SELECT {_COLUMNS} FROM consent_request WHERE id = :id"),  # noqa: S608
        {"id": request_id},
    )
    row = found.one_or_none()
    return None if row is None else _row(row)


async def add_topics(session: AsyncSession, request_id: int, topics: Sequence[str]) -> None:
    """Asked for as well, before it was confirmed."""
    await session.execute(
        text("UPDATE consent_request SET topics = CAST(:topics AS jsonb) WHERE id = :id"),
        {"id": request_id, "topics": orjson.dumps(list(topics)).decode()},
    )


async def close_requests(
    session: AsyncSession, contact_id: int, only: tuple[str, str] | None = None
) -> None:
    """No link of the contact confirms any more what was asked for until now, or only of this
    channel and purpose. A closed request is over at the moment it was asked."""
    channel, purpose = only or (None, None)
    await session.execute(
        text(
            """
            UPDATE consent_request SET expires_at = asked_at
            WHERE contact_id = :contact AND confirmed_at IS NULL AND expires_at > asked_at
              AND (CAST(:channel AS text) IS NULL OR (channel = :channel AND purpose = :purpose))
            """
        ),
        {"contact": contact_id, "channel": channel, "purpose": purpose},
    )


async def confirm_request(session: AsyncSession, request_id: int, now: datetime) -> bool:
    """Whether it was open; twice is once."""
    found = await session.execute(
        text(
            "UPDATE consent_request SET confirmed_at = :now"
            " WHERE id = :id AND confirmed_at IS NULL AND expires_at > :now RETURNING 1"
        ),
        {"id": request_id, "now": now},
    )
    return found.one_or_none() is not None


def _row(row: Sequence[object]) -> RequestRow:
    values = list(row)
    values[4] = tuple(values[4])  # type: ignore[arg-type]
    return RequestRow(*values)  # type: ignore[arg-type]
