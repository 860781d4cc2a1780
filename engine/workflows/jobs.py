"""The driver that carries out what was asked for through the API and takes long."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from engine.workflows.driver import RETRIES, Driver
from engine.workflows.shared import CARRY_OUT_JOBS, JobsInput, Progress


@workflow.defn(name="jobs")
class Jobs(Driver):
    """Id `jobs`; started when a worker starts, poked when a job was asked for; never ends."""

    @workflow.run
    async def run(self, line: JobsInput) -> None:
        async def work() -> Progress:
            progress: Progress = await workflow.execute_activity(
                CARRY_OUT_JOBS,
                line,
                result_type=Progress,
                # an import of millions of lines
                start_to_close_timeout=timedelta(hours=6),
                heartbeat_timeout=timedelta(seconds=15),
                retry_policy=RETRIES,
            )
            return progress

        await self.drive(work, idle_seconds=line.idle_seconds)
        workflow.continue_as_new(line)
