"""Whether messages may go now, by what all processes together have handed over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import channel_limits as rows
from crm_store.channel_limits import Left
from crm_store.session import Store
from engine.services.channels.allowance import (
    Bucket,
    Day,
    Later,
    Wanted,
    WarmUp,
    allowance,
    burst_of,
)
from engine.services.channels.ways import Identity, Way

# Long enough for any bucket to be full again (see `LEAST_RATE`).
IDLE: Final = timedelta(days=1)
KEPT_DAYS: Final = timedelta(days=7)
LEAST_RATE: Final = 0.0001
# A page is a scan of what is there, and little to delete.
_PAGE: Final = 20_000
# A plan and the day that it was counted for.
Counted = tuple[str, date]


@dataclass(frozen=True, slots=True)
class Going:
    """One message about to go. `identity` is its sender when that is one with a name."""

    way: Way
    address: str
    identity: Identity | None = None
    waited: bool = False
    service: bool = False


async def may_go(
    session: AsyncSession, going: Sequence[Going], now: datetime
) -> list[Later | None]:
    """For each message None, or until when it has to wait. What may go is counted once this
    transaction commits, and whoever asks meanwhile waits for that; so no limit is ever exceeded.
    Nothing is read where nothing is limited; else four statements at most, however many messages.
    """
    rates: dict[str, float] = {}
    plans: dict[str, WarmUp] = {}
    wanted = [_wanted(one, rates, plans) for one in going]
    today = now.astimezone(UTC).date()
    bounded = {key: most for key, one in plans.items() if (most := one.most_on(today)) is not None}
    if not rates and not bounded:
        return [None] * len(going)
    full = {key: burst_of(rate) for key, rate in rates.items()}
    held = await rows.hold_buckets(session, full, now)
    buckets = {key: Bucket(rates[key], *left) for key, left in held.items()}
    taken = await rows.hold_days(session, frozenset(bounded), today)
    days = {key: Day(bounded[key], count) for key, count in taken.items()}
    answers = allowance(wanted, buckets, days, now)
    left = {
        key: Left(one.tokens, one.filled_at, one.lined_up_until, one.service_until)
        for key, one in buckets.items()
    }
    await rows.keep_buckets(session, left)
    await rows.keep_days(session, {key: day.taken for key, day in days.items()}, today)
    return answers


def counted(one: Going, now: datetime) -> tuple[Counted, ...]:
    """What `may_go` counts for a message that may go; kept with it, it can be given back."""
    plans: dict[str, WarmUp] = {}
    _wanted(one, {}, plans)
    today = now.astimezone(UTC).date()
    return tuple((key, today) for key, plan in plans.items() if plan.most_on(today) is not None)


async def give_back(session: AsyncSession, taken: Iterable[Counted]) -> None:
    """These certainly did not go: their days have room for others again."""
    await rows.give_days_back(session, Counter(taken))


async def forget_idle(store: Store, now: datetime) -> int:
    """Throw away what was counted and says nothing any more, a page at a time; how many rows."""
    gone, before = 0, now.astimezone(UTC).date() - KEPT_DAYS
    while True:
        async with store.transaction() as session:
            page = await rows.forget_idle(session, now - IDLE, before, _PAGE)
        gone += page
        if page < _PAGE:
            return gone


def _wanted(one: Going, rates: dict[str, float], plans: dict[str, WarmUp]) -> Wanted:
    """The keys a message falls under, with their limits noted."""
    way, limits = one.way, one.way.limits
    name = way.name or "default"
    of_rates, of_plans = [], []
    if limits.per_second is not None:
        of_rates.append(f"channel:{name}")
        rates[of_rates[-1]] = limits.per_second
    domain = one.address.rpartition("@")[2].lower() if way.medium == "email" else ""
    to_domain = limits.rate_to(domain) if domain else None
    if to_domain is not None:
        of_rates.append(f"domain:{name}:{domain}")
        rates[of_rates[-1]] = to_domain
    if limits.warm_up is not None:
        of_plans.append(f"channel:{name}")
        plans[of_plans[-1]] = limits.warm_up
    if one.identity is not None and one.identity.warm_up is not None:
        of_plans.append(f"sender:{one.identity.domain}")
        plans[of_plans[-1]] = one.identity.warm_up
    return Wanted(tuple(of_rates), tuple(of_plans), one.waited, one.service)
