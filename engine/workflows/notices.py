"""The driver that mails our own people what they were told."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from engine.workflows.driver import RETRIES, Driver
from engine.workflows.shared import MAIL_NOTICES, NoticesInput, Progress


@workflow.defn(name="notices")
class Notices(Driver):
    """Id `notices`; started when a worker starts, poked when somebody is told; never ends."""

    @workflow.run
    async def run(self, line: NoticesInput) -> None:
        async def work() -> Progress:
            progress: Progress = await workflow.execute_activity(
                MAIL_NOTICES,
                line,
                result_type=Progress,
                start_to_close_timeout=timedelta(minutes=5),
                heartbeat_timeout=timedelta(seconds=15),
                retry_policy=RETRIES,
            )
            return progress

        await self.drive(work, idle_seconds=line.idle_seconds)
        workflow.continue_as_new(line)
