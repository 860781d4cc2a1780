"""One workflow that keeps derived facts true: at night, and when something made them old."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from engine.workflows.driver import RETRIES, Driver
from engine.workflows.shared import CARE_FOR_FACTS, FactsCareInput, Progress


@workflow.defn(name="facts_care")
class FactsCare(Driver):
    """Id `facts-care`; never ends."""

    @workflow.run
    async def run(self, line: FactsCareInput) -> None:
        async def work() -> Progress:
            progress: Progress = await workflow.execute_activity(
                CARE_FOR_FACTS,
                line,
                result_type=Progress,
                # a change of the base currency converts millions of amounts
                start_to_close_timeout=timedelta(hours=6),
                heartbeat_timeout=timedelta(seconds=15),
                retry_policy=RETRIES,
            )
            return progress

        await self.drive(work, idle_seconds=line.idle_seconds)
        workflow.continue_as_new(line)
