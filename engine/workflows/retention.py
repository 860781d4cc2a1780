"""One workflow that takes out what the rules of retention call old, every day."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from engine.workflows.driver import RETRIES, Driver
from engine.workflows.shared import KEEP_NO_LONGER, Progress, RetentionInput


@workflow.defn(name="retention")
class Retention(Driver):
    """Id `retention`; never ends."""

    @workflow.run
    async def run(self, line: RetentionInput) -> None:
        async def work() -> Progress:
            progress: Progress = await workflow.execute_activity(
                KEEP_NO_LONGER,
                line,
                result_type=Progress,
                start_to_close_timeout=timedelta(hours=2),
                heartbeat_timeout=timedelta(seconds=15),
                retry_policy=RETRIES,
            )
            return progress

        await self.drive(work, idle_seconds=line.idle_seconds)
        workflow.continue_as_new(line)
