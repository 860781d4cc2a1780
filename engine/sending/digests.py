"""When messages that are put together go."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.local_time import local_date, local_instant
from engine.sending.policy import DigestRule


def due_after(rule: DigestRule, now: datetime, zone: str) -> datetime:
    """The next time after `now` at which the digest goes, on the clock of who gets it."""
    today = local_date(now, zone)
    ahead = 0 if rule.every == "daily" else (rule.weekday - today.weekday()) % 7
    step = timedelta(days=1 if rule.every == "daily" else 7)
    day = today + timedelta(days=ahead)
    while (moment := local_instant(day, rule.at, zone)) <= now:
        day += step
    return moment
