"""How fast a receiver is called, when again, and how long it is left alone. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from crm_store.webhook_subscriptions import OpenRow

# Standard Webhooks: after the first try at once, these pauses between one try and the next.
SCHEDULE: Final[tuple[timedelta, ...]] = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
JITTER: Final = 0.1
# So many failures in a row, and only one call is made after each rest until one succeeds: what
# waits meanwhile uses up none of its tries.
RESTS_AFTER: Final = 5
FIRST_REST: Final = timedelta(seconds=15)
LONGEST_REST: Final = timedelta(minutes=5)
DISABLED_AFTER: Final = timedelta(days=5)
# What has been due for longer is a backlog. With a tenth of a second's calls in the bucket it goes
# at less than twice the receiver's rate in any second.
BACKLOG_AFTER: Final = timedelta(minutes=1)
BACKLOG_FACTOR: Final = 1.8
BUCKET_SECONDS: Final = 0.1


def pause_before_next(attempts: int, spread: float) -> timedelta | None:
    """After so many tries; None when that was the last. `spread` is from 0 to 1, by chance."""
    if attempts > len(SCHEDULE):
        return None
    return SCHEDULE[attempts - 1] * (1 - JITTER + 2 * JITTER * spread)


def rest_after(failures: int) -> timedelta | None:
    """How long nobody calls a receiver that failed so often in a row."""
    if failures < RESTS_AFTER:
        return None
    doubled = min(failures - RESTS_AFTER, 10)
    return min(FIRST_REST * (1 << doubled), LONGEST_REST)


class Quota(NamedTuple):
    """How many may be claimed now, and the tokens before any of them is. `paced`: only its rate
    keeps more from going."""

    most: int
    tokens: float
    paced: bool


def quota_of(row: OpenRow, now: datetime) -> Quota:
    """A bucket that refills at the receiver's rate, and nearly twice as fast for a backlog."""
    speed = float(row.per_second)
    if now - row.oldest > BACKLOG_AFTER:
        speed *= BACKLOG_FACTOR
    # a clock that was set back refills nothing
    passed = 1.0 if row.tokens_at is None else max((now - row.tokens_at).total_seconds(), 0.0)
    tokens = min(max(speed * BUCKET_SECONDS, 1.0), row.tokens + passed * speed)
    free = row.concurrency - row.under_way
    if row.failures >= RESTS_AFTER:
        free = min(free, 1 - row.under_way)
    return Quota(max(min(free, int(tokens)), 0), tokens, int(tokens) < free)
