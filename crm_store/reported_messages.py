"""Messages that a provider reports on, and what follows for their addresses."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.rowset import rowset


@dataclass(frozen=True, slots=True)
class ReportedMessage:
    """`address` is where it was sent, None where nobody wrote it down."""

    id: int
    provider_key: str
    contact_id: int
    flow_id: int
    run_id: int
    template: str
    channel: str
    state: str
    address: str | None


async def messages_by_key(
    session: AsyncSession, provider_keys: Collection[str]
) -> dict[str, ReportedMessage]:
    """The messages of these keys whose contact is still known."""
    found = await session.execute(
        text(
            """
            SELECT id, provider_key, contact_id, flow_id, run_id, template, channel, state,
                   address
            FROM message WHERE provider_key = ANY(:keys) AND contact_id IS NOT NULL
            """
        ),
        {"keys": list(provider_keys)},
    )
    return {row[1]: ReportedMessage(*row) for row in found}


async def hold_wishes(
    session: AsyncSession, changing: Collection[int], beside: Collection[int]
) -> frozenset[int]:
    """Lock the contacts whose wishes are `changing`: nothing to them is prepared for sending until
    this transaction ends. Those `beside` them are only kept from going. All that are there."""
    kept = await session.execute(
        text("SELECT id FROM contact WHERE id = ANY(:ids) ORDER BY id FOR KEY SHARE"),
        {"ids": list({*changing, *beside})},
    )
    there = frozenset(kept.scalars())
    if changing:
        await session.execute(
            text("SELECT 1 FROM contact WHERE id = ANY(:ids) ORDER BY id FOR UPDATE"),
            {"ids": list(changing)},
        )
    return there


async def suppress_all(
    session: AsyncSession, addresses: Sequence[tuple[str, str]], now: datetime
) -> list[str]:
    """Send no mail to these (address key, reason) any more; the keys that are new."""
    if not addresses:
        return []
    rows = rowset([{"address": key, "reason": why} for key, why in sorted(addresses)])
    found = await session.execute(
        text(
            """
            INSERT INTO suppression (channel, address_key, reason, recorded_at)
            SELECT 'email', new.address, new.reason, :now
            FROM json_to_recordset(CAST(:rows AS json)) AS new(address text, reason text)
            ON CONFLICT (channel, address_key) DO NOTHING RETURNING address_key
            """
        ),
        {"rows": rows, "now": now},
    )
    return list(found.scalars())


async def withdraw_all(
    session: AsyncSession, wishes: Sequence[tuple[int, datetime]], source: str
) -> None:
    """Record that these contacts want no marketing mail any more, each since an instant. A wish
    that was recorded later than that stays: reports come late and in any order."""
    if not wishes:
        return
    rows = rowset([{"contact": contact, "at": at} for contact, at in sorted(wishes)])
    await session.execute(
        text(
            """
            INSERT INTO consent (contact_id, channel, purpose, granted, lawful_basis, source,
                                 recorded_at)
            SELECT new.contact, 'email', 'marketing', false, 'consent', :source, new.at
            FROM json_to_recordset(CAST(:rows AS json)) AS new(contact bigint, at timestamptz)
            ON CONFLICT (contact_id, channel, purpose) DO UPDATE SET
                granted = false, source = excluded.source, recorded_at = excluded.recorded_at
            WHERE consent.recorded_at < excluded.recorded_at
            """
        ),
        {"rows": rows, "source": source},
    )
