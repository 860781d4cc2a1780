"""How much goes out, by what, how close people come to the caps, and what had to wait."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# States of messages that count against caps.
_COUNTING = "('handing_over', 'sent', 'maybe_sent')"


class VolumeRow(NamedTuple):
    """Messages of one day (UTC, as warm-up plans count) by one channel."""

    day: date
    channel: str
    messages: int


async def volumes(session: AsyncSession, since: datetime, until: datetime) -> list[VolumeRow]:
    found = await session.execute(
        text(
            f"""
            SELECT (handed_over_at AT TIME ZONE 'UTC')::date, channel, count(*) FROM message
            WHERE state IN {_COUNTING} AND handed_over_at >= :since AND handed_over_at < :until
            GROUP BY 1, 2 ORDER BY 1, 2
            """  # noqa: S608 - constants
        ),
        {"since": since, "until": until},
    )
    return [VolumeRow(*row) for row in found]


async def busiest_second(session: AsyncSession, since: datetime, until: datetime) -> int:
    """The most messages of one second of the stretch."""
    found = await session.scalar(
        text(
            f"""
            SELECT max(n) FROM (
                SELECT count(*) AS n FROM message
                WHERE state IN {_COUNTING} AND handed_over_at >= :since AND handed_over_at < :until
                GROUP BY date_trunc('second', handed_over_at)) one
            """  # noqa: S608 - constants
        ),
        {"since": since, "until": until},
    )
    return int(found or 0)


class CrowdRow(NamedTuple):
    """On how many days of people somebody got so many marketing messages."""

    messages: int
    times: int


async def crowding(
    session: AsyncSession, since: datetime, until: datetime, zone: str
) -> list[CrowdRow]:
    """Marketing messages of each person and day: how often one, two, three ... on a day."""
    found = await session.execute(
        text(
            f"""
            SELECT n, count(*) FROM (
                SELECT count(*) AS n FROM message m
                WHERE m.contact_id IS NOT NULL AND m.state IN {_COUNTING}
                  AND m.purpose = 'marketing'
                  AND m.handed_over_at >= :since AND m.handed_over_at < :until
                GROUP BY m.contact_id, (m.handed_over_at AT TIME ZONE :zone)::date) days
            GROUP BY n ORDER BY n
            """  # noqa: S608 - constants
        ),
        {"since": since, "until": until, "zone": zone},
    )
    return [CrowdRow(*row) for row in found]


class WaitRow(NamedTuple):
    reason: str
    messages: int


async def waits(session: AsyncSession, since: datetime, until: datetime) -> list[WaitRow]:
    """Why messages were made to wait, each message once for each reason, the most common first."""
    found = await session.execute(
        text(
            """
            SELECT reason, count(DISTINCT effect_id) FROM deferral
            WHERE ruled_at >= :since AND ruled_at < :until
            GROUP BY reason ORDER BY 2 DESC, 1
            """
        ),
        {"since": since, "until": until},
    )
    return [WaitRow(*row) for row in found]


class PlannedRow(NamedTuple):
    """Runs that fall due on a local day at a place of a version."""

    version_id: int
    node: str
    day: date
    runs: int


async def planned(
    session: AsyncSession, now: datetime, until: datetime, zone: str
) -> list[PlannedRow]:
    """Active runs by where and when they go on; what is overdue counts today."""
    found = await session.execute(
        text(
            """
            SELECT flow_version_id, node,
                   (greatest(due_at, :now) AT TIME ZONE :zone)::date, count(*)
            FROM run WHERE state = 'active' AND due_at < :until GROUP BY 1, 2, 3
            """
        ),
        {"now": now, "until": until, "zone": zone},
    )
    return [PlannedRow(*row) for row in found]


class SentDayRow(NamedTuple):
    flow_id: int
    day: date
    messages: int


async def sent_days(
    session: AsyncSession, since: datetime, until: datetime, zone: str
) -> list[SentDayRow]:
    found = await session.execute(
        text(
            f"""
            SELECT flow_id, (handed_over_at AT TIME ZONE :zone)::date, count(*) FROM message
            WHERE state IN {_COUNTING} AND handed_over_at >= :since AND handed_over_at < :until
            GROUP BY 1, 2
            """  # noqa: S608 - constants
        ),
        {"since": since, "until": until, "zone": zone},
    )
    return [SentDayRow(*row) for row in found]


class CrowdedRow(NamedTuple):
    """Somebody with several marketing messages on one day: sent, and planned at most."""

    contact_id: int
    day: date
    sent: int
    coming: int


async def crowded(
    session: AsyncSession,
    places: Collection[tuple[int, str]],
    since: datetime,
    now: datetime,
    until: datetime,
    zone: str,
    *,
    over: int,
    limit: int,
) -> list[CrowdedRow]:
    """Who gets more than `over` marketing messages on a day, the most first. `places` are those of
    versions from which a run that falls due comes to a marketing message before it waits again."""
    found = await session.execute(
        text(
            f"""
            WITH one AS (
                SELECT contact_id, (handed_over_at AT TIME ZONE :zone)::date AS day,
                       1 AS sent, 0 AS coming
                FROM message WHERE state IN {_COUNTING} AND purpose = 'marketing'
                  AND contact_id IS NOT NULL
                  AND handed_over_at >= :since AND handed_over_at < :until
                UNION ALL
                SELECT r.subject_id, (greatest(r.due_at, :now) AT TIME ZONE :zone)::date, 0, 1
                FROM run r
                JOIN unnest(CAST(:versions AS bigint[]), CAST(:nodes AS text[]))
                     AS place(version, node)
                     ON place.version = r.flow_version_id AND place.node = r.node
                WHERE r.state = 'active' AND r.due_at < :until AND r.subject_kind = 'contact')
            SELECT contact_id, day, sum(sent)::int, sum(coming)::int FROM one
            GROUP BY contact_id, day HAVING count(*) > :over
            ORDER BY count(*) DESC, day, contact_id LIMIT :limit
            """  # noqa: S608 - constants
        ),
        {
            "zone": zone,
            "since": since,
            "now": now,
            "until": until,
            "versions": [version for version, _ in places],
            "nodes": [node for _, node in places],
            "over": over,
            "limit": limit,
        },
    )
    return [CrowdedRow(*row) for row in found]
