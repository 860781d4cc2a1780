"""Open deals by when they are expected to close, and what was won, stage by stage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.insight.chosen import Chosen

# A deal that came to a stage twice counts once.
_CHANCE: Final = """
    SELECT stage_id, count(*), count(*) FILTER (WHERE won)
    FROM (SELECT v.stage_id, v.deal_id, bool_or(s.kind = 'won') AS won
          FROM deal d JOIN stage s ON s.id = d.stage_id AND s.kind <> 'open'
          JOIN stage_visit v ON v.deal_id = d.id
          JOIN stage o ON o.id = v.stage_id AND o.kind = 'open'
          WHERE d.closed_at >= :since AND d.closed_at < :until {pipeline} GROUP BY 1, 2) one
    GROUP BY 1
"""


class ForecastRow(NamedTuple):
    """`month` is the first day of one, None where nobody said when a deal will close. `base_minor`
    is the sum of those that have a rate; `without_rate` have an amount and none."""

    pipeline_id: int
    month: date | None
    owner_id: int | None
    team_id: int | None
    category: str
    currency: str | None
    stage_id: int
    deals: int
    amount_minor: int
    base_minor: int
    without_rate: int


class Month(NamedTuple):
    """A month of the house's zone as instants."""

    first: date
    begins: datetime
    ends: datetime


_SUMS: Final = """
    count(*), coalesce(sum(d.amount_minor), 0)::bigint,
    coalesce(sum(d.amount_base_minor), 0)::bigint,
    count(*) FILTER (WHERE d.amount_minor IS NOT NULL AND d.amount_base_minor IS NULL)
"""


async def open_deals(session: AsyncSession, chosen: Chosen) -> list[ForecastRow]:
    """Every open deal, by the month of its expected close."""
    found = await session.execute(
        text(
            f"""
            SELECT d.pipeline_id, date_trunc('month', d.expected_close_on)::date, d.owner_id,
                   u.team_id, d.forecast_category, d.currency, d.stage_id, {_SUMS}
            FROM deal d JOIN stage s ON s.id = d.stage_id LEFT JOIN "user" u ON u.id = d.owner_id
            WHERE s.kind = 'open' AND {chosen.deals()}
            GROUP BY 1, 2, 3, 4, 5, 6, 7
            """  # noqa: S608 - constants
        ),
        chosen.parameters(),
    )
    return [ForecastRow(*row) for row in found]


async def won_deals(
    session: AsyncSession, chosen: Chosen, months: Sequence[Month]
) -> list[ForecastRow]:
    """Deals won in these months; their category is `closed`."""
    if not months:
        return []
    found = await session.execute(
        text(
            f"""
            SELECT d.pipeline_id, m.first, d.owner_id, u.team_id, 'closed', d.currency,
                   d.stage_id, {_SUMS}
            FROM unnest(CAST(:firsts AS date[]), CAST(:begins AS timestamptz[]),
                        CAST(:ends AS timestamptz[])) AS m(first, begins, ends)
            JOIN deal d ON d.closed_at >= m.begins AND d.closed_at < m.ends
            JOIN stage s ON s.id = d.stage_id LEFT JOIN "user" u ON u.id = d.owner_id
            WHERE s.kind = 'won' AND {chosen.deals()}
            GROUP BY 1, 2, 3, 4, 6, 7
            """  # noqa: S608 - constants
        ),
        {
            **chosen.parameters(),
            "firsts": [one.first for one in months],
            "begins": [one.begins for one in months],
            "ends": [one.ends for one in months],
        },
    )
    return [ForecastRow(*row) for row in found]


class ChanceRow(NamedTuple):
    """Of `decided` deals that stood on the stage and closed since, `won` were won."""

    stage_id: int
    decided: int
    won: int


async def chances(
    session: AsyncSession, pipeline_id: int | None, since: datetime, until: datetime
) -> list[ChanceRow]:
    pipeline = "" if pipeline_id is None else "AND d.pipeline_id = :pipeline"
    found = await session.execute(
        text(_CHANCE.format(pipeline=pipeline)),
        {"pipeline": pipeline_id, "since": since, "until": until},
    )
    return [ChanceRow(*row) for row in found]
