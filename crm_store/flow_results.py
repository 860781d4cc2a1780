"""What a flow came to: people and revenue, of those who went through it and of its holdout."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_CHOSEN = """
    SELECT r.id, r.flow_id, r.subject_id, r.outcome, {counts} AS counts
    FROM run r
    WHERE r.flow_id = :flow_id
      AND (CAST(:version_id AS bigint) IS NULL OR r.flow_version_id = :version_id)
      AND (CAST(:since AS timestamptz) IS NULL OR r.entered_at >= :since)
"""
_FIRST = "row_number() OVER (PARTITION BY r.subject_id ORDER BY r.entered_at, r.id) = 1"
# One person may go through a flow several times; whoever went through it once was not held out.
_PEOPLE = """
    SELECT c.subject_id, bool_and(c.outcome IS NOT DISTINCT FROM 'holdout') AS held_out,
           bool_or(g.run_id IS NOT NULL AND c.counts) AS reached, count(*) AS runs
    FROM chosen c LEFT JOIN goal_reached g ON g.run_id = c.id
    GROUP BY c.subject_id
"""
_SAME_RUN = "g.run_id = f.run_id"
# An event that several runs reach has its amount with the last of them.
_SAME_EVENT = """
    g.flow_id = f.flow_id AND g.subject_id = f.subject_id
    AND (g.run_id = f.run_id OR g.event_id = f.event_id)
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
    session: AsyncSession,
    flow_id: int,
    version_id: int | None,
    since: datetime | None,
    *,
    first_only: bool = False,
) -> list[GroupRow]:
    """With `first_only` only a goal that the person's first run reached counts."""
    found = await session.execute(
        text(
            f"""
            WITH chosen AS ({_chosen(first_only)})
            SELECT held_out, count(*), count(*) FILTER (WHERE reached), sum(runs)::bigint
            FROM ({_PEOPLE}) people GROUP BY held_out
            """  # noqa: S608 - constants
        ),
        {"flow_id": flow_id, "version_id": version_id, "since": since},
    )
    return [GroupRow(*row) for row in found]


async def revenue(
    session: AsyncSession,
    flow_id: int,
    version_id: int | None,
    since: datetime | None,
    *,
    first_only: bool = False,
) -> list[RevenueRow]:
    """By group and currency, the largest first. With `first_only` what the goals of the people's
    first runs were worth.
    """
    found = await session.execute(
        text(
            f"""
            WITH chosen AS ({_chosen(first_only)})
            SELECT p.held_out, g.currency, sum(g.amount_minor)::bigint,
                   CASE WHEN count(g.base_minor) = count(*) THEN sum(g.base_minor)::bigint END,
                   count(*)
            FROM chosen c JOIN goal_reached f ON f.run_id = c.id AND c.counts
            JOIN goal_reached g ON {_SAME_EVENT if first_only else _SAME_RUN}
            JOIN ({_PEOPLE}) p ON p.subject_id = c.subject_id
            WHERE g.amount_minor IS NOT NULL AND g.currency IS NOT NULL
            GROUP BY p.held_out, g.currency ORDER BY p.held_out, sum(g.amount_minor) DESC
            """  # noqa: S608 - constants
        ),
        {"flow_id": flow_id, "version_id": version_id, "since": since},
    )
    return [RevenueRow(*row) for row in found]


def _chosen(first_only: bool) -> str:
    return _CHOSEN.format(counts=_FIRST if first_only else "true")
