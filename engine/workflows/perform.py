"""One driver per shard of effects: does what runs asked of the world."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from engine.workflows.driver import RETRIES, Driver
from engine.workflows.shared import PERFORM, PerformInput, Progress


@workflow.defn(name="perform")
class PerformEffects(Driver):
    """Id `perform/<shard>`; started at application start, poked when runs ask; never ends."""

    @workflow.run
    async def run(self, line: PerformInput) -> None:
        async def work() -> Progress:
            progress: Progress = await workflow.execute_activity(
                PERFORM,
                line,
                result_type=Progress,
                start_to_close_timeout=timedelta(minutes=5),
                heartbeat_timeout=timedelta(seconds=15),
                retry_policy=RETRIES,
            )
            return progress

        await self.drive(work, idle_seconds=line.idle_seconds)
        workflow.continue_as_new(line)
