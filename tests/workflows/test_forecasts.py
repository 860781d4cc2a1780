"""The forecast is written down by itself, once a day."""

from __future__ import annotations

from crm_store.session import Store
from tests.workflows.working import eventually, working


async def test_a_worker_writes_the_forecast_down(store: Store, temporal_address: str) -> None:
    async with working(store, temporal_address) as at_work:
        at_work.pokes.forecasts()

        async def written() -> bool:
            return bool(await at_work.world.rows("SELECT 1 FROM forecast_day"))

        await eventually(written, "the forecast of today was written down")
        at_work.pokes.forecasts()
        await at_work.pokes.settled()
        assert len(await at_work.world.rows("SELECT 1 FROM forecast_day")) == 1
