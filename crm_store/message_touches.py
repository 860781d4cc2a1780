"""What became of messages, written to their rows: the first moment of each thing.

A moment only ever moves back, so reports may come twice, late and in any order.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.rowset import rowset


class Became(StrEnum):
    """The values name columns of `message`, without their `_at`."""

    DELIVERED = "delivered"
    BOUNCED = "bounced"
    SOFT_BOUNCED = "soft_bounced"
    BLOCKED = "blocked"
    OPENED = "opened"
    CLICKED = "clicked"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, slots=True)
class Touch:
    """Something that became of a message.

    A click names its link: `link_id` of a row of `link`, or `link`, an address without anything
    personal in it. Opens and clicks `by_machine` are kept apart and are nobody's.
    """

    message_id: int
    what: Became
    at: datetime
    by_machine: bool = False
    link_id: int | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class FirstTime:
    """A message that bounced, was blocked or was complained about for the first time; `bounced`
    also when it was blocked. `day` is that of its hand-over `at` an instant, in UTC."""

    message_id: int
    domain: str | None
    day: date
    bounced: bool
    complained: bool
    at: datetime


_COLUMNS = (*(f"{what}_at" for what in Became), "machine_opened_at")
# Links that only one person ever got are counted by their site alone. A link is part of the key,
# whose index takes 2,704 bytes: 600 characters of whatever script.
_CLICKS = """
    INSERT INTO message_click (message_id, link, by_machine, first_at)
    SELECT n.message_id, left(coalesce(n.link, CASE WHEN l.contact_id IS NULL THEN l.url
               ELSE coalesce(substring(l.url FROM '^[a-z]+://[^/?#]+'), '') || '/…' END), 600),
           n.by_machine, min(n.at)
    FROM json_to_recordset(CAST(:rows AS json))
         AS n(message_id bigint, at timestamptz, by_machine boolean, link_id bigint, link text)
    JOIN message m ON m.id = n.message_id
    LEFT JOIN link l ON l.id = n.link_id
    WHERE coalesce(n.link, l.url) IS NOT NULL
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (message_id, link, by_machine) DO UPDATE SET first_at = excluded.first_at
    WHERE excluded.first_at < message_click.first_at
"""


def _moments_sql() -> str:
    taken = ", ".join(f"{name} = least(m.{name}, n.{name})" for name in _COLUMNS)
    earlier = " OR ".join(f"n.{name} < coalesce(m.{name}, 'infinity')" for name in _COLUMNS)
    columns = ", ".join(f"{name} timestamptz" for name in _COLUMNS)
    return f"""
        WITH n AS (
            SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS n(id bigint, {columns})
        ), m AS (
            SELECT message.* FROM message JOIN n USING (id) ORDER BY id FOR NO KEY UPDATE OF message
        ), written AS (
            UPDATE message SET {taken} FROM m JOIN n USING (id)
            WHERE message.id = m.id AND ({earlier})
        )
        SELECT m.id, m.sender_domain, (m.handed_over_at AT TIME ZONE 'UTC')::date,
               coalesce(m.bounced_at, m.blocked_at) IS NULL
                   AND coalesce(n.bounced_at, n.blocked_at) IS NOT NULL AS bounced,
               m.complained_at IS NULL AND n.complained_at IS NOT NULL AS complained,
               m.handed_over_at
        FROM m JOIN n USING (id)
        WHERE (coalesce(m.bounced_at, m.blocked_at) IS NULL
               AND coalesce(n.bounced_at, n.blocked_at) IS NOT NULL)
           OR (m.complained_at IS NULL AND n.complained_at IS NOT NULL)
        ORDER BY m.id
        """  # noqa: S608 - names of our own columns


_MOMENTS = _moments_sql()


async def touch(session: AsyncSession, touches: Sequence[Touch]) -> list[FirstTime]:
    """Write down what became of messages, in two statements whatever their number; twice is once.

    Unknown messages are left out. Returns what counts against a sender domain: hand it to
    `crm_store.sender_health.count`.
    """
    if not touches:
        return []
    found = await session.execute(text(_MOMENTS), {"rows": rowset(_rows(touches))})
    firsts = [FirstTime(*row) for row in found]
    clicks = [one for one in touches if one.what is Became.CLICKED]
    if clicks:
        await session.execute(text(_CLICKS), {"rows": rowset([_click(one) for one in clicks])})
    return firsts


def _click(one: Touch) -> dict[str, object]:
    return {
        "message_id": one.message_id,
        "at": one.at,
        "by_machine": one.by_machine,
        "link_id": one.link_id,
        "link": one.link,
    }


def _rows(touches: Collection[Touch]) -> list[dict[str, object]]:
    """One row for each message: a statement updates a row once."""
    firsts: dict[int, dict[str, datetime]] = {}
    for one in touches:
        column = _column(one)
        if column is None:
            continue
        mine = firsts.setdefault(one.message_id, {})
        mine[column] = min(one.at, mine.get(column, one.at))
    return [{"id": message_id, **mine} for message_id, mine in sorted(firsts.items())]


def _column(one: Touch) -> str | None:
    """None for a machine's click, which is kept with its link and nowhere else."""
    if one.by_machine:
        return "machine_opened_at" if one.what is Became.OPENED else None
    return f"{one.what}_at"


async def unsubscribed_after(session: AsyncSession, contact_id: int, at: datetime) -> None:
    """Somebody wants no more marketing: that counts for the last message of it that they got, when
    it is no older than ninety days. Only of messages whose answer is known, so that nobody is
    waited for who is just recording one."""
    await session.execute(
        text(
            """
            UPDATE message SET unsubscribed_at = least(unsubscribed_at, :at) WHERE id = (
                SELECT id FROM message
                WHERE contact_id = :contact AND purpose = 'marketing' AND state = 'sent'
                  AND handed_over_at <= :at AND handed_over_at > :at - interval '90 days'
                ORDER BY handed_over_at DESC, id DESC LIMIT 1)
            """
        ),
        {"contact": contact_id, "at": at},
    )
