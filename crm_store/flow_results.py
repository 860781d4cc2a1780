"""What a flow came to: people and revenue, of those who went through it and of its holdout."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# One person may go through a flow several times; whoever went through it once was not held out.
_PEOPLE = """
    SELECT r.subject_id, bool_and(r.outcome IS NOT DISTINCT FROM 'holdout') AS held_out,
           bool_or(g.run_id IS NOT NULL) AS reached, count(*) AS runs
    FROM run r LEFT JOIN goal_reached g ON g.run_id = r.id
    WHERE r.flow_id = :flow_id
      AND (CAST(:version_id AS bigint) IS NULL OR r.flow_version_id = :version_id)
      AND (CAST(:since AS timestamptz) IS NULL OR r.entered_at >= :since)
    GROUP BY r.subject_id
"""


@dataclass(frozen=True, slots=True)
class GroupRow:
    held_out: bool
    people: int
    reached: int
    runs: int


@dataclass(frozen=True, slots=True)
class RevenueRow:
    """`base_minor` is None while an amount of the sum has no rate."""

    held_out: bool
    currency: str
    amount_minor: int
    base_minor: int | None
    times: int


async def groups(
    session: AsyncSession, flow_id: int, version_id: int | None, since: datetime | None
) -> list[GroupRow]:
    found = await session.execute(
        text(
            "SELECT held_out, count(*), count(*) FILTER (WHERE reached), sum(runs)::bigint"  # noqa: S608
            f" FROM ({_PEOPLE}) people GROUP BY held_out"
        ),
        {"flow_id": flow_id, "version_id": version_id, "since": since},
    )
    return [GroupRow(*row) for row in found]


async def revenue(
    session: AsyncSession, flow_id: int, version_id: int | None, since: datetime | None
) -> list[RevenueRow]:
    """By group and currency, the largest first."""
    found = await session.execute(
        text(
            f"""
            SELECT p.held_out, g.currency, sum(g.amount_minor)::bigint,
                   CASE WHEN count(g.base_minor) = count(*) THEN sum(g.base_minor)::bigint END,
                   count(*)
            FROM goal_reached g JOIN run r ON r.id = g.run_id
            JOIN ({_PEOPLE}) p ON p.subject_id = r.subject_id
            WHERE g.flow_id = :flow_id AND g.amount_minor IS NOT NULL AND g.currency IS NOT NULL
              AND (CAST(:version_id AS bigint) IS NULL OR r.flow_version_id = :version_id)
              AND (CAST(:since AS timestamptz) IS NULL OR r.entered_at >= :since)
            GROUP BY p.held_out, g.currency ORDER BY p.held_out, sum(g.amount_minor) DESC
            """  # noqa: S608 - a constant
        ),
        {"flow_id": flow_id, "version_id": version_id, "since": since},
    )
    return [RevenueRow(*row) for row in found]
