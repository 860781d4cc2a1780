"""One driver per partition of events: rules look at what happened, in order per contact."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from engine.workflows.driver import RETRIES, Driver
from engine.workflows.shared import DISPATCH, DispatchInput, Progress


@workflow.defn(name="dispatch")
class Dispatch(Driver):
    """Id `dispatch/<partition>`; started at application start, poked by ingest; never ends."""

    @workflow.run
    async def run(self, line: DispatchInput) -> None:
        async def work() -> Progress:
            progress: Progress = await workflow.execute_activity(
                DISPATCH,
                line,
                result_type=Progress,
                start_to_close_timeout=timedelta(minutes=2),
                heartbeat_timeout=timedelta(seconds=15),
                retry_policy=RETRIES,
            )
            return progress

        await self.drive(work, idle_seconds=line.idle_seconds)
        workflow.continue_as_new(line)
