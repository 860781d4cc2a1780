"""One workflow per enrolment: lets a whole audience into a flow, page by page."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from engine.workflows.driver import RETRIES, Driver
from engine.workflows.shared import ENROL, AudienceInput, Progress

# Longer than the portions of a slowed enrolment; it also ends so much later than its last page.
LONGEST_SLEEP_SECONDS = 15


@workflow.defn(name="audience")
class Audience(Driver):
    """Id `audience/<enrolment>`; ends when the last page is in or the enrolment was paused or
    cancelled. The poke of a resumed one starts it again.
    """

    @workflow.run
    async def run(self, line: AudienceInput) -> None:
        async def work() -> Progress:
            progress: Progress = await workflow.execute_activity(
                ENROL,
                line,
                result_type=Progress,
                start_to_close_timeout=timedelta(minutes=10),
                heartbeat_timeout=timedelta(seconds=15),
                retry_policy=RETRIES,
            )
            return progress

        await self.drive(work, idle_seconds=LONGEST_SLEEP_SECONDS, ends_after_empty=1)
        if self.is_to_continue():
            workflow.continue_as_new(line)
