"""The driver of all segments: brings members up to date that no event kept so."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from engine.workflows.driver import RETRIES, Driver
from engine.workflows.shared import RECOUNT, Progress, SegmentsInput


@workflow.defn(name="segments")
class Segments(Driver):
    """Id `segments`; started at application start, poked when a segment was made, edited or asked
    to be recounted; sleeps until time alone changes a member; never ends."""

    @workflow.run
    async def run(self, line: SegmentsInput) -> None:
        async def work() -> Progress:
            progress: Progress = await workflow.execute_activity(
                RECOUNT,
                line,
                result_type=Progress,
                start_to_close_timeout=timedelta(minutes=10),
                heartbeat_timeout=timedelta(seconds=15),
                retry_policy=RETRIES,
            )
            return progress

        await self.drive(work, idle_seconds=line.idle_seconds)
        workflow.continue_as_new(line)
