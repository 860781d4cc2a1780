"""What became of messages, added up.

Figures are counted from the messages themselves, so none can drift away from what happened. A
million messages take about a second; a period is found by the index over their times.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.rowset import rowset

# What figures can be told apart by, and where that is written.
COLUMNS: Final[Mapping[str, str]] = {
    "template": "m.template",
    "version": "m.template_version",
    "flow": "f.name",
    "node": "m.node",
    "language": "m.language",
    "channel": "m.channel",
    "domain": "m.sender_domain",
    "topic": "m.topic",
    "day": "to_char(m.handed_over_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
    "split": "s.node",
    "arm": "s.arm",
}
# The arm chance gave the contact before the message went.
_BY_SPLIT: Final = """
    JOIN split_taken s ON s.flow_id = m.flow_id AND s.subject_id = m.contact_id
         AND s.taken_at <= m.handed_over_at
"""
_SENT: Final = """
    m.state IN ('sent', 'maybe_sent')
    AND (CAST(:flow AS bigint) IS NULL OR m.flow_id = :flow)
    AND (CAST(:template AS text) IS NULL OR m.template = :template)
    AND (CAST(:node AS text) IS NULL OR m.node = :node)
    AND (CAST(:since AS timestamptz) IS NULL OR m.handed_over_at >= :since)
    AND (CAST(:until AS timestamptz) IS NULL OR m.handed_over_at < :until)
"""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which messages are meant, by when they were handed over; `until` itself is not."""

    flow_id: int | None = None
    template: str | None = None
    node: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def parameters(self) -> dict[str, Any]:
        return {
            "flow": self.flow_id,
            "template": self.template,
            "node": self.node,
            "since": self.since,
            "until": self.until,
        }


class CountRow(NamedTuple):
    """`key` has a value for each column asked for. Messages, each counted once for each thing;
    `machine_opened` are those that only machines opened, `unreported` those of whose delivery
    nobody has said anything, good or bad. `reached`: what arrived as far as anybody can tell, which
    is what did not come back, and whatever a person did something with."""

    key: tuple[str | None, ...]
    sent: int
    maybe_sent: int
    delivered: int
    unreported: int
    opened: int
    machine_opened: int
    clicked: int
    bounced: int
    soft_bounced: int
    blocked: int
    complained: int
    unsubscribed: int
    reached: int


async def counts(
    session: AsyncSession, by: Sequence[str], chosen: Chosen, *, limit: int
) -> list[CountRow]:
    """Figures for each combination of these columns, those with most messages first."""
    width = len(by)
    found = await session.execute(
        text(
            f"""
            SELECT {_keys(by)}
                   count(*) FILTER (WHERE m.state = 'sent') AS sent,
                   count(*) FILTER (WHERE m.state = 'maybe_sent'),
                   count(m.delivered_at),
                   count(*) FILTER (WHERE m.delivered_at IS NULL
                       AND coalesce(m.bounced_at, m.soft_bounced_at, m.blocked_at) IS NULL),
                   count(m.opened_at),
                   count(*) FILTER (WHERE m.opened_at IS NULL AND m.machine_opened_at IS NOT NULL),
                   count(m.clicked_at), count(m.bounced_at), count(m.soft_bounced_at),
                   count(m.blocked_at), count(m.complained_at), count(m.unsubscribed_at),
                   count(*) FILTER (WHERE coalesce(m.delivered_at, m.opened_at, m.clicked_at,
                           m.complained_at, m.unsubscribed_at) IS NOT NULL
                       OR (m.state = 'sent' AND coalesce(m.bounced_at, m.soft_bounced_at,
                               m.blocked_at) IS NULL))
            FROM message m {_joined(by)} WHERE {_SENT}
            GROUP BY {_places(by)} ORDER BY count(*) DESC, {_places(by)} LIMIT :limit
            """  # noqa: S608 - constants
        ),
        {**chosen.parameters(), "limit": limit},
    )
    return [CountRow(tuple(row[:width]), *row[width + _no_key(by) :]) for row in found]


class Window(NamedTuple):
    """How long after a message its flow's goal counts as brought about by it."""

    flow_id: int
    months: int
    days: int
    seconds: int


class ConvertedRow(NamedTuple):
    """Goals by currency; without one they were worth nothing that is known. `base_minor` is None
    while an amount has no rate."""

    key: tuple[str | None, ...]
    times: int
    currency: str | None
    amount_minor: int | None
    base_minor: int | None


async def conversions(
    session: AsyncSession, by: Sequence[str], chosen: Chosen, windows: Sequence[Window]
) -> list[ConvertedRow]:
    """Goals reached, each by the last message of its flow to that contact before it, within the
    flow's window. What several runs reached by one event is one conversion."""
    width = len(by)
    found = await session.execute(
        text(
            f"""
            WITH reached AS (
                SELECT g.flow_id, g.subject_id, min(g.reached_at) AS at,
                       sum(g.amount_minor) AS amount_minor, min(g.currency) AS currency,
                       sum(g.base_minor) AS base_minor
                FROM goal_reached g
                WHERE (CAST(:flow AS bigint) IS NULL OR g.flow_id = :flow)
                  AND (CAST(:since AS timestamptz) IS NULL OR g.reached_at >= :since)
                GROUP BY g.flow_id, g.subject_id, coalesce(g.event_id, -g.run_id)
            )
            SELECT {_keys(by)} count(*), reached.currency, sum(reached.amount_minor)::bigint,
                   CASE WHEN count(reached.base_minor) = count(reached.amount_minor)
                        THEN sum(reached.base_minor)::bigint END
            FROM reached
            JOIN json_to_recordset(CAST(:windows AS json))
                 AS w(flow_id bigint, months int, days int, seconds double precision)
                 ON w.flow_id = reached.flow_id
            CROSS JOIN LATERAL (
                SELECT * FROM message m
                WHERE m.contact_id = reached.subject_id AND m.flow_id = reached.flow_id
                  AND m.state IN ('sent', 'maybe_sent') AND m.handed_over_at <= reached.at
                  AND m.handed_over_at > reached.at - make_interval(
                      months => w.months, days => w.days, secs => w.seconds)
                ORDER BY m.handed_over_at DESC, m.id DESC LIMIT 1
            ) m
            {_joined(by)} WHERE {_SENT}
            GROUP BY {_places(by)}, reached.currency ORDER BY {_places(by)}, reached.currency
            """  # noqa: S608 - constants
        ),
        {**chosen.parameters(), "windows": rowset([one._asdict() for one in windows])},
    )
    return [ConvertedRow(tuple(row[:width]), *row[width + _no_key(by) :]) for row in found]


class LinkRow(NamedTuple):
    """`people` are messages whose reader followed the link, `machines` those where only a scanner
    did."""

    link: str
    people: int
    machines: int


async def links(session: AsyncSession, chosen: Chosen, *, limit: int) -> list[LinkRow]:
    """Clicks by link, the most followed first."""
    found = await session.execute(
        text(
            f"""
            SELECT link, count(*) FILTER (WHERE by_person), count(*) FILTER (WHERE NOT by_person)
            FROM (SELECT c.link, c.message_id, bool_or(NOT c.by_machine) AS by_person
                  FROM message m JOIN message_click c ON c.message_id = m.id WHERE {_SENT}
                  GROUP BY c.link, c.message_id) one
            GROUP BY link ORDER BY 2 DESC, 3 DESC, link LIMIT :limit
            """  # noqa: S608 - constants
        ),
        {**chosen.parameters(), "limit": limit},
    )
    return [LinkRow(*row) for row in found]


class DelayRow(NamedTuple):
    """`bucket` counts up from 0 through the borders; earlier than sent is in the first."""

    bucket: int
    opened: int
    clicked: int


async def delays(
    session: AsyncSession, chosen: Chosen, borders_hours: Sequence[float]
) -> list[DelayRow]:
    """How long after it was handed over a message was first opened and first clicked."""
    found = await session.execute(
        text(
            f"""
            SELECT width_bucket(extract(epoch FROM one.at - m.handed_over_at)::float8 / 3600,
                                CAST(:borders AS float8[])) AS bucket,
                   count(*) FILTER (WHERE one.what = 'o'), count(*) FILTER (WHERE one.what = 'c')
            FROM message m
            CROSS JOIN LATERAL (VALUES ('o', m.opened_at), ('c', m.clicked_at)) AS one(what, at)
            WHERE {_SENT} AND one.at IS NOT NULL GROUP BY 1 ORDER BY 1
            """  # noqa: S608 - constants
        ),
        {**chosen.parameters(), "borders": list(borders_hours)},
    )
    return [DelayRow(*row) for row in found]


class QuarterRow(NamedTuple):
    """Opens and clicks of contacts of one zone within a quarter of an hour, from `at` on."""

    zone: str | None
    at: datetime
    opened: int
    clicked: int


async def quarters(session: AsyncSession, chosen: Chosen) -> list[QuarterRow]:
    """When messages were opened and clicked. By quarters, because no zone is off by less; the hour
    at the contact's place is worked out where zones are known."""
    found = await session.execute(
        text(
            f"""
            SELECT c.time_zone, date_bin('15 minutes', one.at, TIMESTAMPTZ '2000-01-01 00:00Z'),
                   count(*) FILTER (WHERE one.what = 'o'), count(*) FILTER (WHERE one.what = 'c')
            FROM message m LEFT JOIN contact c ON c.id = m.contact_id
            CROSS JOIN LATERAL (VALUES ('o', m.opened_at), ('c', m.clicked_at)) AS one(what, at)
            WHERE {_SENT} AND one.at IS NOT NULL GROUP BY 1, 2
            """  # noqa: S608 - constants
        ),
        chosen.parameters(),
    )
    return [QuarterRow(*row) for row in found]


async def goal_spans(session: AsyncSession, flow_id: int | None) -> list[tuple[int, str | None]]:
    """(flow, within) of every flow whose newest version has a goal."""
    found = await session.execute(
        text(
            """
            SELECT flow_id, within FROM (
                SELECT DISTINCT ON (flow_id) flow_id, definition->'goal' AS goal,
                       definition->'goal'->>'within' AS within
                FROM flow_version WHERE CAST(:flow AS bigint) IS NULL OR flow_id = :flow
                ORDER BY flow_id, jsonb_typeof(definition->'goal') = 'object' DESC NULLS LAST,
                         number DESC) newest
            WHERE jsonb_typeof(goal) = 'object'
            """
        ),
        {"flow": flow_id},
    )
    return [(row[0], row[1]) for row in found]


def _keys(by: Sequence[str]) -> str:
    return "".join(f"{COLUMNS[name]}, " for name in by) or "CAST(NULL AS text), "


def _places(by: Sequence[str]) -> str:
    return ", ".join(str(number + 1) for number in range(len(by))) or "1"


def _no_key(by: Sequence[str]) -> int:
    """Without a column there is one that says nothing."""
    return 0 if by else 1


def _joined(by: Sequence[str]) -> str:
    flow = "LEFT JOIN flow f ON f.id = m.flow_id" if "flow" in by else ""
    split = _BY_SPLIT if {"split", "arm"} & {*by} else ""
    return f"{flow} {split}"
