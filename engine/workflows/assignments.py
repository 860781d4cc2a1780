"""The driver that gives out what waited for somebody, and carries handovers out."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from engine.workflows.driver import RETRIES, Driver
from engine.workflows.shared import ASSIGN, AssignmentsInput, Progress


@workflow.defn(name="assignments")
class Assignments(Driver):
    """Id `assignments`; started when a worker starts, poked when a handover begins or is to be
    given back, else looks when somebody is back or the day of a return comes; never ends."""

    @workflow.run
    async def run(self, line: AssignmentsInput) -> None:
        async def work() -> Progress:
            progress: Progress = await workflow.execute_activity(
                ASSIGN,
                line,
                result_type=Progress,
                start_to_close_timeout=timedelta(minutes=10),
                heartbeat_timeout=timedelta(seconds=15),
                retry_policy=RETRIES,
            )
            return progress

        await self.drive(work, idle_seconds=line.idle_seconds)
        workflow.continue_as_new(line)
