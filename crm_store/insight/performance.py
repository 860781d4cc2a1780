"""What people and teams won and lost, and how fast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.insight.chosen import Chosen

By = Literal["owner", "manager", "team", "pipeline", "product", "all"]
_WHO: Final = {
    "owner": "d.owner_id",
    "manager": "u.manager_id",
    "team": "u.team_id",
    "pipeline": "d.pipeline_id",
    "product": "d.product_id",
    "all": "CAST(NULL AS bigint)",
}


class ClosedRow(NamedTuple):
    """Deals that closed in the time asked for. `seconds` and `points` are those from opening to
    winning of the `timed` won deals that did not close before they opened."""

    who: int | None
    won: int
    lost: int
    base_minor: int
    without_rate: int
    timed: int
    seconds: float | None
    points: list[float] | None


async def closed(
    session: AsyncSession, chosen: Chosen, by: By, fractions: Sequence[float]
) -> list[ClosedRow]:
    found = await session.execute(
        text(
            f"""
            SELECT who, count(*) FILTER (WHERE won), count(*) FILTER (WHERE NOT won),
                   coalesce(sum(base) FILTER (WHERE won), 0)::bigint,
                   count(*) FILTER (WHERE won AND amount IS NOT NULL AND base IS NULL),
                   count(took), sum(took),
                   percentile_cont(CAST(:fractions AS float8[])) WITHIN GROUP (ORDER BY took)
            FROM (SELECT {_WHO[by]} AS who, s.kind = 'won' AS won, d.amount_base_minor AS base,
                         d.amount_minor AS amount,
                         CASE WHEN s.kind = 'won' AND d.closed_at >= d.opened_at
                              THEN extract(epoch FROM d.closed_at - d.opened_at)::float8 END AS took
                  FROM deal d JOIN stage s ON s.id = d.stage_id
                  LEFT JOIN "user" u ON u.id = d.owner_id
                  WHERE s.kind <> 'open' AND d.closed_at IS NOT NULL
                    AND {chosen.deals()} AND {chosen.within("d.closed_at")}) one
            GROUP BY who
            """  # noqa: S608 - constants
        ),
        {**chosen.parameters(), "fractions": list(fractions)},
    )
    return [ClosedRow(*row) for row in found]


class MoneyRow(NamedTuple):
    """What was won (or is open) in a currency. `priced` deals have an amount."""

    who: int | None
    currency: str
    priced: int
    amount_minor: int


async def won_money(session: AsyncSession, chosen: Chosen, by: By) -> list[MoneyRow]:
    found = await session.execute(
        text(
            f"""
            SELECT {_WHO[by]}, d.currency, count(*), sum(d.amount_minor)::bigint
            FROM deal d JOIN stage s ON s.id = d.stage_id LEFT JOIN "user" u ON u.id = d.owner_id
            WHERE s.kind = 'won' AND d.amount_minor IS NOT NULL AND d.currency IS NOT NULL
              AND d.closed_at IS NOT NULL AND {chosen.deals()} AND {chosen.within("d.closed_at")}
            GROUP BY 1, 2 ORDER BY 1, 4 DESC
            """  # noqa: S608 - constants
        ),
        chosen.parameters(),
    )
    return [MoneyRow(*row) for row in found]


class OpenRow(NamedTuple):
    """What is open now."""

    who: int | None
    deals: int
    base_minor: int
    without_rate: int


async def open_now(session: AsyncSession, chosen: Chosen, by: By) -> list[OpenRow]:
    found = await session.execute(
        text(
            f"""
            SELECT {_WHO[by]}, count(*), coalesce(sum(d.amount_base_minor), 0)::bigint,
                   count(*) FILTER (WHERE d.amount_minor IS NOT NULL
                                    AND d.amount_base_minor IS NULL)
            FROM deal d JOIN stage s ON s.id = d.stage_id LEFT JOIN "user" u ON u.id = d.owner_id
            WHERE s.kind = 'open' AND {chosen.deals()} GROUP BY 1
            """  # noqa: S608 - constants
        ),
        chosen.parameters(),
    )
    return [OpenRow(*row) for row in found]


async def names_of_products(session: AsyncSession) -> dict[int, str]:
    found = await session.execute(text("SELECT id, name FROM product"))
    return {row[0]: row[1] for row in found}
