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
    this transaction ends. Those `beside` them are only kept from going. All that are there.

    Each is locked once, and all in one order: two who share a contact and both want it alone
    afterwards would wait for each other. So those beside are held as well when anything changes.
    """
    how = "FOR UPDATE" if changing else "FOR KEY SHARE"
    kept = await session.execute(
        text(f"SELECT id FROM contact WHERE id = ANY(:ids) ORDER BY id {how}"),  # noqa: S608
        {"ids": list({*changing, *beside})},
    )
    return frozenset(kept.scalars())


async def suppress_all(
    session: AsyncSession,
    addresses: Sequence[tuple[str, str]],
    now: datetime,
    until: datetime | None = None,
) -> list[str]:
    """Send no mail to these (address key, reason) any more, or not `until` then; the keys that are
    new. What holds for good stays as it is."""
    if not addresses:
        return []
    rows = rowset([{"address": key, "reason": why} for key, why in sorted(addresses)])
    found = await session.execute(
        text(
            """
            INSERT INTO suppression AS s (channel, address_key, reason, recorded_at, expires_at)
            SELECT 'email', new.address, new.reason, :now, CAST(:until AS timestamptz)
            FROM json_to_recordset(CAST(:rows AS json)) AS new(address text, reason text)
            ON CONFLICT (channel, address_key) DO UPDATE SET reason = excluded.reason,
                recorded_at = excluded.recorded_at, expires_at = excluded.expires_at
            WHERE s.expires_at < coalesce(excluded.expires_at, 'infinity')
            RETURNING address_key
            """
        ),
        {"rows": rows, "now": now, "until": until},
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
