"""How long open deals have stood where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.insight.chosen import Chosen


class AgeRow(NamedTuple):
    """Deals of a stage in one bucket of age, counted up from 0 through the borders."""

    stage_id: int
    bucket: int
    deals: int
    base_minor: int
    without_rate: int


async def ages(
    session: AsyncSession, chosen: Chosen, borders_days: Sequence[int], now: datetime
) -> list[AgeRow]:
    found = await session.execute(
        text(
            f"""
            SELECT d.stage_id,
                   width_bucket(extract(epoch FROM CAST(:now AS timestamptz) - d.stage_entered_at)
                                ::float8 / 86400, CAST(:borders AS float8[])),
                   count(*), coalesce(sum(d.amount_base_minor), 0)::bigint,
                   count(*) FILTER (WHERE d.amount_minor IS NOT NULL
                                    AND d.amount_base_minor IS NULL)
            FROM deal d JOIN stage s ON s.id = d.stage_id LEFT JOIN "user" u ON u.id = d.owner_id
            WHERE s.kind = 'open' AND {chosen.deals()} GROUP BY 1, 2 ORDER BY 1, 2
            """  # noqa: S608 - constants
        ),
        {**chosen.parameters(), "borders": [float(one) for one in borders_days], "now": now},
    )
    return [AgeRow(*row) for row in found]


class OldDealRow(NamedTuple):
    """`last_activity_at` is when something about the deal was last written down or done."""

    deal_id: int
    name: str
    stage_id: int
    owner_id: int | None
    currency: str | None
    amount_minor: int | None
    stage_entered_at: datetime
    opened_at: datetime
    expected_close_on: date | None
    last_activity_at: datetime | None


async def oldest(session: AsyncSession, chosen: Chosen, *, limit: int) -> list[OldDealRow]:
    """Open deals that have stood on their stage longest."""
    found = await session.execute(
        text(
            f"""
            SELECT one.*, (SELECT max(greatest(a.created_at, a.done_at)) FROM activity a
                           WHERE a.deal_id = one.id)
            FROM (SELECT d.id, d.name, d.stage_id, d.owner_id, d.currency, d.amount_minor,
                         d.stage_entered_at, d.opened_at, d.expected_close_on
                  FROM deal d JOIN stage s ON s.id = d.stage_id
                  LEFT JOIN "user" u ON u.id = d.owner_id
                  WHERE s.kind = 'open' AND {chosen.deals()}
                  ORDER BY d.stage_entered_at, d.id LIMIT :limit) one
            ORDER BY one.stage_entered_at, one.id
            """  # noqa: S608 - constants
        ),
        {**chosen.parameters(), "limit": limit},
    )
    return [OldDealRow(*row) for row in found]
