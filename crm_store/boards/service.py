"""How tickets of a stretch fared against what is promised."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


class ServiceRow(NamedTuple):
    """Tickets opened in one week (from a Monday) of one priority; `promised` are those kept by a
    policy. Late is what was told to be
    broken; those that are open may still become late. Scores are of those who answered."""

    week: date
    priority: str
    opened: int
    promised: int
    answered: int
    answered_late: int
    solved: int
    solved_late: int
    open_now: int
    answer_minutes: float | None
    scores: int
    score: float | None


async def service_weeks(
    session: AsyncSession, since: datetime, until: datetime, zone: str
) -> list[ServiceRow]:
    """Merged tickets are left out; those without a policy promise nothing and are never late."""
    found = await session.execute(
        text(
            """
            SELECT date_trunc('week', opened_at AT TIME ZONE :zone)::date, priority, count(*),
                   count(policy_id), count(first_response_at),
                   count(*) FILTER (WHERE clocks->'told' @> '["response:breach"]'),
                   count(solved_at),
                   count(*) FILTER (WHERE clocks->'told' @> '["resolution:breach"]'),
                   count(*) FILTER (WHERE status NOT IN ('solved', 'closed')),
                   percentile_cont(0.5) WITHIN GROUP (ORDER BY
                       extract(epoch FROM first_response_at - opened_at)::float8 / 60),
                   count(satisfaction_score), avg(satisfaction_score)::float8
            FROM ticket
            WHERE opened_at >= :since AND opened_at < :until AND merged_into_id IS NULL
            GROUP BY 1, 2 ORDER BY 1, 2
            """
        ),
        {"since": since, "until": until, "zone": zone},
    )
    return [ServiceRow(*row) for row in found]
