"""How much may go now under rates and warm-up plans. Pure: what is left comes in, answers go out.

A rate is a bucket that fills steadily up to ten seconds' worth. Those for whom it is empty are
lined up behind each other, so that a backlog comes back at about the rate instead of all at once;
whoever waited already goes before newcomers. Service messages have a line of their own that goes
first: nobody's order waits for a campaign. A full bucket says that nobody waits any more. A warm-up
plan bounds each day (UTC) until it has run out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

BURST_SECONDS: Final = 10.0
# What adding up many small steps may lack.
_TINY: Final = 1e-9


@dataclass(frozen=True, slots=True)
class WarmUp:
    """The most messages of each day from `begins` on; without a bound afterwards."""

    begins: date
    plan: tuple[int, ...]

    def most_on(self, day: date) -> int | None:
        """None when the day is not bounded. Before it begins nothing was to be sent, so that counts
        as the first day."""
        at = max((day - self.begins).days, 0)
        return self.plan[at] if at < len(self.plan) else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """One message: the rates and the plans it falls under, by key. `waited`: it was put off before,
    for whatever reason."""

    rates: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    waited: bool = False
    service: bool = False


@dataclass(slots=True)
class Bucket:
    """`tokens` were there at `filled_at`; those who wait are lined up until `lined_up_until`, and
    service messages until `service_until`."""

    per_second: float
    tokens: float
    filled_at: datetime
    lined_up_until: datetime
    service_until: datetime

    @property
    def burst(self) -> float:
        return burst_of(self.per_second)

    def fill(self, now: datetime) -> None:
        """A clock that was set back adds nothing. Those for whom it filled up did not come (they
        were withheld, or their runs ended), so they keep no place."""
        seconds = max((now - self.filled_at).total_seconds(), 0.0)
        self.tokens = min(self.tokens + seconds * self.per_second, self.burst)
        self.filled_at = max(now, self.filled_at)
        if self.tokens >= self.burst:
            self.lined_up_until = self.service_until = self.filled_at

    def free(self, now: datetime, one: Wanted) -> bool:
        """Others leave what service messages are lined up for."""
        line = self.service_until if one.service else self.lined_up_until
        kept = 0.0 if one.service else self._in_line(now)
        return self.tokens >= 1 + kept - _TINY and (one.waited or line <= now)

    def turn(self, now: datetime, one: Wanted) -> datetime:
        """When to come again: behind everybody who waits, whoever it is. So there is not more than
        about one such look for each message that goes, however many wait."""
        step = timedelta(microseconds=math.ceil(1_000_000 / self.per_second))
        if one.service:
            self.service_until = max(self.service_until, now) + step
            return self.service_until
        self.lined_up_until = max(self.lined_up_until, self.service_until, now) + step
        return self.lined_up_until

    def _in_line(self, now: datetime) -> float:
        return max((self.service_until - now).total_seconds(), 0.0) * self.per_second


@dataclass(slots=True)
class Day:
    """What is left of one day under one plan."""

    most: int
    taken: int

    @property
    def full(self) -> bool:
        return self.taken >= self.most


@dataclass(frozen=True, slots=True)
class Later:
    """`code` is "warm_up" or "rate"."""

    at: datetime
    code: str


def burst_of(per_second: float) -> float:
    """What a full bucket holds: ten seconds' worth, and at least one."""
    return max(per_second * BURST_SECONDS, 1.0)


def allowance(
    wanted: Sequence[Wanted],
    buckets: Mapping[str, Bucket],
    days: Mapping[str, Day],
    now: datetime,
) -> list[Later | None]:
    """None for each message that may go, in their order; else when to ask again.

    `buckets` and `days` are changed to what is left afterwards. A message that has to wait for one
    of its keys takes nothing from the others.
    """
    for bucket in buckets.values():
        bucket.fill(now)
    answers: list[Later | None] = [None] * len(wanted)
    in_turn = sorted(
        range(len(wanted)), key=lambda at: (not wanted[at].service, not wanted[at].waited)
    )
    for at in in_turn:
        answers[at] = _answer(wanted[at], buckets, days, now)
    return answers


def _answer(
    one: Wanted, buckets: Mapping[str, Bucket], days: Mapping[str, Day], now: datetime
) -> Later | None:
    plans = [days[key] for key in one.plans if key in days]
    if any(day.full for day in plans):
        return Later(_tomorrow(now), "warm_up")
    rates = [buckets[key] for key in one.rates if key in buckets]
    busy = [bucket for bucket in rates if not bucket.free(now, one)]
    if busy:
        return Later(max(bucket.turn(now, one) for bucket in busy), "rate")
    for bucket in rates:
        bucket.tokens -= 1
    for day in plans:
        day.taken += 1
    return None


def _tomorrow(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
