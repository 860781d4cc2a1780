"""The driver that decides which arms of splits have won."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from engine.workflows.driver import RETRIES, Driver
from engine.workflows.shared import DECIDE, Progress, WinnersInput


@workflow.defn(name="winners")
class Winners(Driver):
    """Id `winners`; started at application start, looks at all comparisons every minute while one
    is open, and now and then whether there is one; never ends."""

    @workflow.run
    async def run(self, line: WinnersInput) -> None:
        async def work() -> Progress:
            progress: Progress = await workflow.execute_activity(
                DECIDE,
                line,
                result_type=Progress,
                start_to_close_timeout=timedelta(minutes=10),
                heartbeat_timeout=timedelta(seconds=15),
                retry_policy=RETRIES,
            )
            return progress

        await self.drive(work, idle_seconds=line.idle_seconds)
        workflow.continue_as_new(line)
