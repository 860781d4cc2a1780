"""How far those who entered flows came, and how their weeks compare."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_ENTERED = """
    SELECT id, flow_id, subject_id, entered_at, outcome IS NOT DISTINCT FROM 'holdout' AS held_out
    FROM run
    WHERE entered_at >= :since AND entered_at < :until
      AND (CAST(:flow AS bigint) IS NULL OR flow_id = :flow)
"""


class FunnelRow(NamedTuple):
    """Runs of one flow that began in the stretch, and how many of them came so far. `arrived` is
    what did not come back; `reported` is how many somebody said to be delivered. Whoever clicked
    has opened; `machine_opened` are those that only machines looked at."""

    flow_id: int
    flow: str
    label: str
    held_out: int
    entered: int
    messaged: int
    arrived: int
    reported: int
    opened: int
    machine_opened: int
    clicked: int
    converted: int


async def funnels(
    session: AsyncSession, flow_id: int | None, since: datetime, until: datetime
) -> list[FunnelRow]:
    """By flow, those with most people first."""
    found = await session.execute(
        text(
            f"""
            WITH r AS ({_ENTERED}), m AS (
                SELECT m.run_id,
                       bool_or(m.state = 'sent' AND coalesce(
                           m.bounced_at, m.soft_bounced_at, m.blocked_at) IS NULL
                           OR coalesce(m.delivered_at, m.opened_at, m.clicked_at) IS NOT NULL
                       ) AS arrived,
                       bool_or(m.delivered_at IS NOT NULL) AS reported,
                       bool_or(coalesce(m.opened_at, m.clicked_at) IS NOT NULL) AS opened,
                       bool_or(m.machine_opened_at IS NOT NULL) AS machine_opened,
                       bool_or(m.clicked_at IS NOT NULL) AS clicked
                FROM message m JOIN r ON r.id = m.run_id
                WHERE m.state IN ('sent', 'maybe_sent') AND m.handed_over_at >= :since
                  AND (CAST(:flow AS bigint) IS NULL OR m.flow_id = :flow)
                GROUP BY m.run_id)
            SELECT r.flow_id, f.name, f.label,
                   count(*) FILTER (WHERE r.held_out), count(*) FILTER (WHERE NOT r.held_out),
                   count(m.run_id), count(*) FILTER (WHERE m.arrived),
                   count(*) FILTER (WHERE m.reported), count(*) FILTER (WHERE m.opened),
                   count(*) FILTER (WHERE m.machine_opened AND NOT m.opened),
                   count(*) FILTER (WHERE m.clicked),
                   count(g.run_id) FILTER (WHERE NOT r.held_out)
            FROM r JOIN flow f ON f.id = r.flow_id
            LEFT JOIN m ON m.run_id = r.id LEFT JOIN goal_reached g ON g.run_id = r.id
            GROUP BY r.flow_id, f.name, f.label ORDER BY 5 DESC, f.name
            """  # noqa: S608 - constants
        ),
        {"flow": flow_id, "since": since, "until": until},
    )
    return [FunnelRow(*row) for row in found]


class CohortRow(NamedTuple):
    """People who entered in the week from `week` on (a Monday), by whether they were held out."""

    week: date
    held_out: bool
    people: int
    reached: int


async def cohorts(
    session: AsyncSession, flow_id: int, since: datetime, until: datetime, zone: str
) -> list[CohortRow]:
    """Everybody once a week, by week; whoever went through it once in a week was not held out."""
    found = await session.execute(
        text(
            f"""
            WITH r AS ({_ENTERED}), people AS (
                SELECT date_trunc('week', r.entered_at AT TIME ZONE :zone)::date AS week,
                       r.subject_id, bool_and(r.held_out) AS held_out,
                       bool_or(g.run_id IS NOT NULL) AS reached
                FROM r LEFT JOIN goal_reached g ON g.run_id = r.id GROUP BY 1, 2)
            SELECT week, held_out, count(*), count(*) FILTER (WHERE reached)
            FROM people GROUP BY 1, 2 ORDER BY 1, 2
            """  # noqa: S608 - constants
        ),
        {"flow": flow_id, "since": since, "until": until, "zone": zone},
    )
    return [CohortRow(*row) for row in found]


class DayRow(NamedTuple):
    """What was handed over on a local day; each message counts once for each thing."""

    day: date
    sent: int
    opened: int
    machine_opened: int
    clicked: int
    bounced: int


async def message_days(
    session: AsyncSession, flow_id: int | None, since: datetime, until: datetime, zone: str
) -> list[DayRow]:
    """Days on which something was sent."""
    found = await session.execute(
        text(
            """
            SELECT (handed_over_at AT TIME ZONE :zone)::date, count(*), count(opened_at),
                   count(*) FILTER (WHERE opened_at IS NULL AND machine_opened_at IS NOT NULL),
                   count(clicked_at),
                   count(coalesce(bounced_at, soft_bounced_at, blocked_at))
            FROM message
            WHERE state IN ('sent', 'maybe_sent') AND handed_over_at >= :since
              AND handed_over_at < :until
              AND (CAST(:flow AS bigint) IS NULL OR flow_id = :flow)
            GROUP BY 1 ORDER BY 1
            """
        ),
        {"flow": flow_id, "since": since, "until": until, "zone": zone},
    )
    return [DayRow(*row) for row in found]
