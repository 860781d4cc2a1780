"""What is left of rates and of days, counted for all processes together, a set at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


class Left(NamedTuple):
    """What is left under one rate, as `ChannelBucket` has it."""

    tokens: float
    filled_at: datetime
    lined_up_until: datetime
    service_until: datetime


async def hold_buckets(
    session: AsyncSession, full: Mapping[str, float], now: datetime
) -> dict[str, Left]:
    """What is left by key, nobody else's until this transaction ends. A new one begins with what
    `full` says. Always in the order of their keys, so nobody waits in a ring; and in one statement,
    so that a row that somebody throws away meanwhile is made anew.
    """
    if not full:
        return {}
    keys = sorted(full)
    found = await session.execute(
        text(
            """
            INSERT INTO channel_bucket AS b
                   (key, tokens, filled_at, lined_up_until, service_until)
            SELECT new.key, new.tokens, CAST(:now AS timestamptz), CAST(:now AS timestamptz),
                   CAST(:now AS timestamptz)
            FROM unnest(CAST(:keys AS text[]), CAST(:tokens AS float8[])) AS new(key, tokens)
            ON CONFLICT (key) DO UPDATE SET tokens = b.tokens
            RETURNING key, tokens, filled_at, lined_up_until, service_until
            """
        ),
        {"keys": keys, "tokens": [full[key] for key in keys], "now": now},
    )
    return {row[0]: Left(*row[1:]) for row in found}


async def keep_buckets(session: AsyncSession, left: Mapping[str, Left]) -> None:
    if not left:
        return
    await session.execute(
        text(
            """
            UPDATE channel_bucket SET tokens = new.tokens, filled_at = new.filled_at,
                                      lined_up_until = new.lined_up_until,
                                      service_until = new.service_until
            FROM unnest(CAST(:keys AS text[]), CAST(:tokens AS float8[]),
                        CAST(:filled AS timestamptz[]), CAST(:lined AS timestamptz[]),
                        CAST(:service AS timestamptz[]))
                 AS new(key, tokens, filled_at, lined_up_until, service_until)
            WHERE channel_bucket.key = new.key
            """
        ),
        {
            "keys": list(left),
            "tokens": [one.tokens for one in left.values()],
            "filled": [one.filled_at for one in left.values()],
            "lined": [one.lined_up_until for one in left.values()],
            "service": [one.service_until for one in left.values()],
        },
    )


async def hold_days(session: AsyncSession, keys: frozenset[str], day: date) -> dict[str, int]:
    """How many went under each plan on this day, held as `hold_buckets` holds."""
    if not keys:
        return {}
    found = await session.execute(
        text(
            """
            INSERT INTO channel_day AS d (key, day)
            SELECT key, :day FROM unnest(CAST(:keys AS text[])) AS new(key)
            ON CONFLICT (key, day) DO UPDATE SET taken = d.taken
            RETURNING key, taken
            """
        ),
        {"keys": sorted(keys), "day": day},
    )
    return {row[0]: row[1] for row in found}


async def give_days_back(session: AsyncSession, counts: Mapping[tuple[str, date], int]) -> None:
    """So many by (plan, day) did not go after all. The rows are held in the order of their keys."""
    if not counts:
        return
    keys = sorted(counts)
    await session.execute(
        text(
            """
            WITH back AS (
                SELECT * FROM unnest(CAST(:keys AS text[]), CAST(:days AS date[]),
                                     CAST(:counts AS bigint[])) AS back(key, day, count)
            ), held AS (
                SELECT d.key, d.day FROM channel_day d JOIN back USING (key, day)
                ORDER BY d.key, d.day FOR UPDATE OF d
            )
            UPDATE channel_day d SET taken = greatest(d.taken - back.count, 0)
            FROM held JOIN back USING (key, day) WHERE d.key = held.key AND d.day = held.day
            """
        ),
        {
            "keys": [key for key, _ in keys],
            "days": [day for _, day in keys],
            "counts": [counts[one] for one in keys],
        },
    )


async def forget_limits(session: AsyncSession, name: str) -> None:
    """What was counted under the rates of a channel: other rates begin anew."""
    await session.execute(
        text(
            "DELETE FROM channel_bucket WHERE key IN (SELECT key FROM channel_bucket"
            " WHERE key = :channel OR starts_with(key, :domains) ORDER BY key FOR UPDATE)"
        ),
        {"channel": f"channel:{name}", "domains": f"domain:{name}:"},
    )


async def look_again(session: AsyncSession, name: str, now: datetime) -> None:
    """Messages of this channel that wait for its limits are due. Those in use are passed over:
    nobody who holds them is waited for."""
    await session.execute(
        text(
            """
            UPDATE effect SET not_before = :now WHERE id IN (
                SELECT e.id FROM effect e
                WHERE e.state = 'pending' AND e.kind = 'send_message' AND e.not_before > :now
                  AND coalesce(e.ask->>'channel', 'default') = :name
                  AND NOT EXISTS (SELECT 1 FROM deferral d WHERE d.effect_id = e.id
                                  AND d.until = e.not_before
                                  AND d.reason NOT IN ('rate', 'warm_up'))
                FOR UPDATE SKIP LOCKED)
            """
        ),
        {"name": name, "now": now},
    )


async def forget_idle(session: AsyncSession, idle_since: datetime, before: date, limit: int) -> int:
    """Throw away what says nothing any more: rates at which nobody wrote since then and nobody
    waits, and days before `before`. At most `limit` of each; how many. Those in use are passed
    over."""
    idle = await session.execute(
        text(
            """
            DELETE FROM channel_bucket WHERE key IN (
                SELECT key FROM channel_bucket
                WHERE filled_at < :since AND lined_up_until < :since AND service_until < :since
                LIMIT :limit FOR UPDATE SKIP LOCKED)
            RETURNING 1
            """
        ),
        {"since": idle_since, "limit": limit},
    )
    past = await session.execute(
        text(
            """
            DELETE FROM channel_day WHERE (key, day) IN (
                SELECT key, day FROM channel_day WHERE day < :before
                LIMIT :limit FOR UPDATE SKIP LOCKED)
            RETURNING 1
            """
        ),
        {"before": before, "limit": limit},
    )
    return len(idle.all()) + len(past.all())


async def keep_days(session: AsyncSession, taken: Mapping[str, int], day: date) -> None:
    if taken:
        await session.execute(
            text(
                """
                UPDATE channel_day SET taken = new.taken
                FROM unnest(CAST(:keys AS text[]), CAST(:taken AS bigint[])) AS new(key, taken)
                WHERE channel_day.key = new.key AND channel_day.day = :day
                """
            ),
            {"keys": list(taken), "taken": list(taken.values()), "day": day},
        )
