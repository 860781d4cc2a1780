"""The driver of all scores: counts those that no event keeps right."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from engine.workflows.driver import RETRIES, Driver
from engine.workflows.shared import SCORE, Progress, ScoresInput


@workflow.defn(name="scores")
class Scores(Driver):
    """Id `scores`; started at application start, poked when a model was made, edited or asked to be
    recounted; sleeps until points have faded; never ends."""

    @workflow.run
    async def run(self, line: ScoresInput) -> None:
        async def work() -> Progress:
            progress: Progress = await workflow.execute_activity(
                SCORE,
                line,
                result_type=Progress,
                start_to_close_timeout=timedelta(minutes=10),
                heartbeat_timeout=timedelta(seconds=15),
                retry_policy=RETRIES,
            )
            return progress

        await self.drive(work, idle_seconds=line.idle_seconds)
        workflow.continue_as_new(line)
