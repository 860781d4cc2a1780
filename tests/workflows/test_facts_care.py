"""Derived facts are cared for by themselves: at the start, and when many orders have come."""

from __future__ import annotations

from dataclasses import replace

from crm_store.session import Store
from tests.facts.purchases import buys, people
from tests.workflows.working import eventually, working


async def test_scores_come_by_themselves_after_many_orders(
    store: Store, temporal_address: str
) -> None:
    async with working(store, temporal_address) as at_work:
        at_work.pokes = replace(at_work.pokes, idle_seconds=0.05)
        at_work.pokes.facts()

        async def measured() -> bool:
            return bool(await at_work.world.rows("SELECT 1 FROM rfm_borders WHERE customers = 0"))

        await eventually(measured, "the borders were measured once")
        async with store.transaction() as session:
            for who in await people(session, 10):
                await buys(session, who, 100)

        async def scored() -> bool:
            return bool(
                await at_work.world.rows("SELECT 1 FROM contact_summary WHERE rfm_band = 'lost'")
            )

        await eventually(scored, "everybody has a score")
        await at_work.pokes.settled()
