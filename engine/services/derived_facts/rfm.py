"""Scores of how recently, how often and for how much: each contact against all customers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crm_store import rfm
from crm_store.session import Store
from engine.local_time import local_date
from engine.services.derived_facts.alone import alone
from engine.services.derived_facts.amounts import ranges


@dataclass(frozen=True, slots=True)
class Rescored:
    """How many customers were compared, and how many of them have other scores than before."""

    customers: int
    changed: int


async def recompute_rfm(store: Store, now: datetime, zone: str = "UTC") -> Rescored:
    """Measure the borders between all customers for the local day of `now`, and score by them.

    Done twice it changes nothing. Stopped half way, contacts that order are scored by the new
    borders and the others by the old ones, until it is done again.
    """
    async with store.transaction() as session:
        borders = await rfm.measure_borders(session)
        # Whoever is writing an order now has read the old borders: wait for them, so that
        # nobody writes a score by old borders after we came past.
        await alone(session)
        await rfm.put_borders(session, local_date(now, zone), borders, now)
    changed = 0
    async for first, last in ranges(store, "contact"):
        async with store.transaction() as session:
            changed += await rfm.rescore(session, first, last)
    return Rescored(borders.customers, changed)
