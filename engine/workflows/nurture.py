"""One driver per flow and shard: moves the people whose time has come."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from engine.workflows.driver import RETRIES, Driver
from engine.workflows.shared import ADVANCE, NurtureInput, Progress


@workflow.defn(name="nurture")
class Nurture(Driver):
    """Id `nurture/<flow>/<shard>`; started by the first poke.

    It ends when nobody in its shard waits for a time; the next poke starts it again. It looks twice
    before, because a far due time is told no oftener than that (see `Parts.tell`).
    """

    @workflow.run
    async def run(self, line: NurtureInput) -> None:
        async def work() -> Progress:
            progress: Progress = await workflow.execute_activity(
                ADVANCE,
                line,
                result_type=Progress,
                start_to_close_timeout=timedelta(minutes=2),
                heartbeat_timeout=timedelta(seconds=15),
                retry_policy=RETRIES,
            )
            return progress

        await self.drive(work, idle_seconds=line.idle_seconds, ends_after_empty=2)
        if self.is_to_continue():
            workflow.continue_as_new(line)
