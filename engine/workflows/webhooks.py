"""The driver that tells other systems what happens."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from engine.workflows.driver import RETRIES, Driver
from engine.workflows.shared import DELIVER_WEBHOOKS, Progress, WebhooksInput


@workflow.defn(name="webhooks")
class Webhooks(Driver):
    """Id `webhooks`; started when a worker starts, poked when there is something to deliver; never
    ends."""

    @workflow.run
    async def run(self, line: WebhooksInput) -> None:
        async def work() -> Progress:
            progress: Progress = await workflow.execute_activity(
                DELIVER_WEBHOOKS,
                line,
                result_type=Progress,
                start_to_close_timeout=timedelta(minutes=5),
                heartbeat_timeout=timedelta(seconds=15),
                retry_policy=RETRIES,
            )
            return progress

        await self.drive(work, idle_seconds=line.idle_seconds)
        workflow.continue_as_new(line)
