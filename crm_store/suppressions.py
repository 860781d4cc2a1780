"""Addresses and whole domains that nothing is sent to, as lists that people keep.

A domain is kept as "@example.com", which no address can be.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


class SuppressionRow(NamedTuple):
    channel: str
    address_key: str
    reason: str
    recorded_at: datetime


async def suppression_rows(
    session: AsyncSession,
    channel: str | None,
    after: tuple[str, str],
    limit: int,
    *,
    words: str = "",
) -> list[SuppressionRow]:
    """By medium and address, behind `after`; with `words` only addresses they stand in. Of erased
    contacts there is only a hash."""
    found = await session.execute(
        text(
            """
            SELECT channel, address_key, reason, recorded_at FROM suppression
            WHERE (CAST(:channel AS text) IS NULL OR channel = :channel)
              AND (channel, address_key) > (:after_channel, :after_key)
              AND (:words = '' OR position(:words IN address_key) > 0)
            ORDER BY channel, address_key LIMIT :limit
            """
        ),
        {
            "channel": channel,
            "after_channel": after[0],
            "after_key": after[1],
            "limit": limit,
            "words": words,
        },
    )
    return [SuppressionRow._make(row) for row in found]


async def hold_addresses(session: AsyncSession, channel: str, keys: Collection[str]) -> None:
    """Wait for messages to these addresses that are just being prepared, and keep others from
    being prepared until this transaction ends."""
    column = "phone" if channel == "sms" else "email_key"
    await session.execute(
        text(
            f"SELECT 1 FROM contact WHERE {column} = ANY(:keys) ORDER BY id FOR UPDATE"  # noqa: S608
        ),
        {"keys": list(keys)},
    )


async def put_suppressions(
    session: AsyncSession, channel: str, keys: Sequence[str], reason: str, now: datetime
) -> list[str]:
    """Send nothing to these any more; those that are new, or were so for a
    while only. A reason that is known stays."""
    found = await session.execute(
        text(
            """
            INSERT INTO suppression AS s (channel, address_key, reason, recorded_at)
            SELECT :channel, key, :reason, :now
            FROM unnest(CAST(:keys AS text[])) AS new(key) ORDER BY key
            ON CONFLICT (channel, address_key) DO UPDATE SET
                reason = excluded.reason, recorded_at = excluded.recorded_at, expires_at = NULL
            WHERE s.expires_at IS NOT NULL RETURNING address_key
            """
        ),
        {"channel": channel, "keys": list(keys), "reason": reason, "now": now},
    )
    return list(found.scalars())


async def remove_suppression(session: AsyncSession, channel: str, key: str) -> str | None:
    """Send to it again; why it was not, None when it was."""
    found = await session.execute(
        text(
            "DELETE FROM suppression WHERE channel = :channel AND address_key = :key"
            " RETURNING reason"
        ),
        {"channel": channel, "key": key},
    )
    reason: str | None = found.scalar_one_or_none()
    return reason
