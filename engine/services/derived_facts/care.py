"""What derived facts need although nobody writes anything: done at night, and when it is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from crm_store import rfm
from crm_store.scores import begin_rounds
from crm_store.segments import ask_for_recount
from crm_store.session import Store
from engine.local_time import local_date, local_instant
from engine.services.derived_facts.base_currency import settle_base_currency
from engine.services.derived_facts.rfm import recompute_rfm

# When the fewest orders are written, and after the hour in which clocks change.
AT_NIGHT: Final = time(3, 30)
# With so many more or fewer customers than the borders were measured with, they are measured again
# without waiting for the night: after the first import, above all.
SHARE_THAT_MATTERS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Cared:
    """`rescored` contacts have other scores than before; care is due again at `next_at`."""

    rescored: int
    next_at: datetime


async def care_for_facts(store: Store, base_currency: str, now: datetime, zone: str) -> Cared:
    """Settle the base currency, and measure the borders of scores where they are out of date.

    Segments and scores are counted anew when something became other, because no event told of it.
    """
    became_another = await settle_base_currency(store, base_currency)
    rescored = 0
    if became_another or await _borders_are_old(store, now, zone):
        rescored = (await recompute_rfm(store, now, zone)).changed
    if became_another or rescored:
        async with store.transaction() as session:
            await ask_for_recount(session, now)
            await begin_rounds(session)
    return Cared(rescored, next_night(now, zone))


async def _borders_are_old(store: Store, now: datetime, zone: str) -> bool:
    async with store.transaction() as session:
        newest = await rfm.newest_borders(session)
        if newest is None:
            return True
        if now >= next_night(newest.measured_at, zone):
            return True
        customers = await rfm.count_customers(session)
    return abs(customers - newest.customers) > newest.customers * SHARE_THAT_MATTERS


def next_night(now: datetime, zone: str) -> datetime:
    """The next instant after `now` at which a clock in `zone` shows half past three."""
    today = local_date(now, zone)
    at = local_instant(today, AT_NIGHT, zone)
    return at if at > now else local_instant(today + timedelta(days=1), AT_NIGHT, zone)
