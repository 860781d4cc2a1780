"""One workflow that writes the forecast down, every morning."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from engine.workflows.driver import RETRIES, Driver
from engine.workflows.shared import WRITE_DOWN_FORECAST, ForecastsInput, Progress


@workflow.defn(name="forecasts")
class Forecasts(Driver):
    """Id `forecasts`; never ends."""

    @workflow.run
    async def run(self, line: ForecastsInput) -> None:
        async def work() -> Progress:
            progress: Progress = await workflow.execute_activity(
                WRITE_DOWN_FORECAST,
                line,
                result_type=Progress,
                start_to_close_timeout=timedelta(minutes=10),
                heartbeat_timeout=timedelta(seconds=15),
                retry_policy=RETRIES,
            )
            return progress

        await self.drive(work, idle_seconds=line.idle_seconds)
        workflow.continue_as_new(line)
