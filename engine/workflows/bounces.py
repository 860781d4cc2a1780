"""The reader of mail that came back."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from engine.workflows.driver import RETRIES, Driver
from engine.workflows.shared import READ_BOUNCES, BouncesInput, Progress


@workflow.defn(name="bounces")
class Bounces(Driver):
    """Id `bounces`; started by a worker that has a folder of bounces, looks at it every minute or
    so, and ends when no worker has one any more."""

    @workflow.run
    async def run(self, line: BouncesInput) -> None:
        async def work() -> Progress:
            progress: Progress = await workflow.execute_activity(
                READ_BOUNCES,
                line,
                result_type=Progress,
                start_to_close_timeout=timedelta(minutes=10),
                heartbeat_timeout=timedelta(seconds=15),
                retry_policy=RETRIES,
            )
            return progress

        await self.drive(work, idle_seconds=line.idle_seconds, ends_after_empty=2)
        if self.is_to_continue():
            workflow.continue_as_new(line)
