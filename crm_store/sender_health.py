"""How sender domains are doing: counters of a day, and which of them must wait."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.message_touches import FirstTime
from crm_store.rowset import rowset

# Rows that the counter of a domain and day is spread over: one per connection, by its number.
SLOTS = 16
# First half of the advisory lock's key; nobody judges while somebody else does.
_JUDGING = 0x5E4D

_ADD = """
    INSERT INTO sender_day AS s (domain, day, slot, bounced, complained)
    SELECT n.domain, n.day, pg_backend_pid() % :slots, count(*) FILTER (WHERE n.bounced),
           count(*) FILTER (WHERE n.complained)
    FROM json_to_recordset(CAST(:rows AS json))
         AS n(domain text, day date, at timestamptz, bounced boolean, complained boolean)
    LEFT JOIN sender_health h ON h.domain = n.domain
    -- what was sent before somebody resumed the domain is forgiven, whenever it is reported
    WHERE h.counted_from IS NULL OR n.at >= h.counted_from
    GROUP BY n.domain, n.day ORDER BY n.domain COLLATE "C", n.day
    ON CONFLICT (domain, day, slot) DO UPDATE SET bounced = s.bounced + excluded.bounced,
        complained = s.complained + excluded.complained
"""

# What waits because of a pause is looked at again at once.
_WAKE = """
    UPDATE effect SET not_before = :now FROM deferral d
    WHERE d.effect_id = effect.id AND d.reason = 'sender_paused' AND d.read->>'domain' = :domain
      AND effect.state = 'pending' AND effect.not_before = d.until
"""


@dataclass(frozen=True, slots=True)
class DomainRow:
    """`since` is None for a domain that never gave reason to look at it."""

    domain: str
    sent: int
    bounced: int
    complained: int
    state: str
    since: datetime | None
    reason: str | None


async def count(session: AsyncSession, firsts: Sequence[FirstTime]) -> frozenset[str]:
    """Count what `touch` told; the domains it concerns, which are to be judged anew."""
    rows = [
        {
            "domain": one.domain,
            "day": one.day,
            "at": one.at,
            "bounced": one.bounced,
            "complained": one.complained,
        }
        for one in firsts
        if one.domain is not None
    ]
    if rows:
        await session.execute(text(_ADD), {"slots": SLOTS, "rows": rowset(rows)})
    return frozenset(one.domain for one in firsts if one.domain is not None)


async def hold_judgement(session: AsyncSession, domains: Collection[str]) -> None:
    """Wait for whoever judges these domains just now."""
    for domain in sorted(domains):
        await session.execute(
            text("SELECT pg_advisory_xact_lock(:key, hashtext(:domain))"),
            {"key": _JUDGING, "domain": domain},
        )


async def domains(
    session: AsyncSession, since: date, among: Collection[str] | None = None
) -> list[DomainRow]:
    """What each domain sent since that day (UTC) and how it stands, by name."""
    found = await session.execute(
        text(
            """
            SELECT domain, coalesce(sum(sent) FILTER (WHERE counts), 0)::bigint,
                   coalesce(sum(bounced) FILTER (WHERE counts), 0)::bigint,
                   coalesce(sum(complained) FILTER (WHERE counts), 0)::bigint,
                   coalesce(min(state), 'well'), min(since), min(reason)
            FROM (SELECT domain, d.day, d.sent, d.bounced, d.complained, h.state, h.since, h.reason,
                         h.counted_from IS NULL
                             OR d.day >= (h.counted_from AT TIME ZONE 'UTC')::date AS counts
                  FROM (SELECT domain, day, sent, bounced, complained FROM sender_day
                        WHERE day >= :since) d FULL JOIN sender_health h USING (domain)) one
            WHERE CAST(:among AS text[]) IS NULL OR domain = ANY(CAST(:among AS text[]))
            GROUP BY domain ORDER BY domain
            """
        ),
        {"since": since, "among": None if among is None else list(among)},
    )
    return [DomainRow(*row) for row in found]


async def write_health(session: AsyncSession, row: DomainRow, now: datetime) -> None:
    """A domain came to another state."""
    await session.execute(
        text(
            """
            INSERT INTO sender_health (domain, state, since, reason, sent, bounced, complained)
            VALUES (:domain, :state, :now, :reason, :sent, :bounced, :complained)
            ON CONFLICT (domain) DO UPDATE SET state = excluded.state, since = excluded.since,
                reason = excluded.reason, sent = excluded.sent, bounced = excluded.bounced,
                complained = excluded.complained
            """
        ),
        {
            "domain": row.domain,
            "state": row.state,
            "now": now,
            "reason": row.reason,
            "sent": row.sent,
            "bounced": row.bounced,
            "complained": row.complained,
        },
    )


async def resume(session: AsyncSession, domain: str, now: datetime) -> bool:
    """Let a paused domain go on, counting anew from now; whether it was paused."""
    found = await session.execute(
        text(
            """
            UPDATE sender_health SET state = 'well', since = :now, reason = NULL,
                   counted_from = :now
            WHERE domain = :domain AND state = 'paused' RETURNING 1
            """
        ),
        {"domain": domain, "now": now},
    )
    if found.first() is None:
        return False
    await session.execute(text(_WAKE), {"domain": domain, "now": now})
    # the day itself counts anew as well
    today = now.date()
    await session.execute(
        text("DELETE FROM sender_day WHERE domain = :domain AND day >= :today"),
        {"domain": domain, "today": today},
    )
    return True


async def paused_domains(session: AsyncSession) -> frozenset[str]:
    """The sender domains whose marketing waits; one cheap read of a small table."""
    found = await session.execute(text("SELECT domain FROM sender_health WHERE state = 'paused'"))
    return frozenset(found.scalars())


async def forget_days(session: AsyncSession, before: date) -> None:
    """Counters of days that nobody judges by any more."""
    await session.execute(text("DELETE FROM sender_day WHERE day < :before"), {"before": before})


def since(now: datetime, days: int) -> date:
    """The first of the last `days` days, today among them."""
    return (now - timedelta(days=days - 1)).date()
