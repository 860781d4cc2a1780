"""Mailboxes that refuse mail again and again, for reasons that may pass."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.rowset import rowset


async def refused_in_a_row(
    session: AsyncSession, asked: Collection[tuple[int, str]], times: int, since: datetime
) -> list[str]:
    """Of these (contact, address) the addresses whose mailbox refused so many messages since then,
    with none between that was delivered, opened or followed."""
    if not asked:
        return []
    rows = [{"contact": contact, "address": address} for contact, address in sorted(set(asked))]
    found = await session.execute(
        text(
            """
            SELECT a.address
            FROM json_to_recordset(CAST(:rows AS json)) AS a(contact bigint, address text)
            CROSS JOIN LATERAL (
                SELECT count(*) FILTER (WHERE m.soft_bounced_at IS NOT NULL
                                          AND m.handed_over_at > coalesce(well.at, '-infinity'))
                       AS times
                FROM message m
                CROSS JOIN (
                    SELECT max(handed_over_at) AS at FROM message g
                    WHERE g.contact_id = a.contact AND g.handed_over_at >= :since
                      AND g.address = a.address AND g.soft_bounced_at IS NULL
                      AND (g.delivered_at IS NOT NULL OR g.opened_at IS NOT NULL
                           OR g.clicked_at IS NOT NULL)
                ) well
                WHERE m.contact_id = a.contact AND m.handed_over_at >= :since
                  AND m.address = a.address
            ) refused
            WHERE refused.times >= :times
            """
        ),
        {"rows": rowset(rows), "since": since, "times": times},
    )
    return list(found.scalars())
