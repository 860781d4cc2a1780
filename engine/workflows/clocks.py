"""The sweep over clocks: nobody who is open stays without a host that knows its time."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from engine.workflows.driver import RETRIES, Driver
from engine.workflows.shared import SWEEP, ClocksInput, Progress, SweepInput


@workflow.defn(name="clocks")
class Clocks(Driver):
    """Id `clocks`; started when a worker starts, poked when many clocks were set; never ends.

    Where it begins anew rather than going on, Temporal's database may be new, and hosts that were
    there before are not counted on.
    """

    @workflow.run
    async def run(self, line: ClocksInput) -> None:
        forget = None if line.forgotten else workflow.time()

        async def work() -> Progress:
            nonlocal forget
            progress: Progress = await workflow.execute_activity(
                SWEEP,
                SweepInput(forget),
                result_type=Progress,
                start_to_close_timeout=timedelta(minutes=5),
                heartbeat_timeout=timedelta(seconds=15),
                retry_policy=RETRIES,
            )
            forget = None
            return progress

        await self.drive(work, idle_seconds=line.idle_seconds)
        workflow.continue_as_new(ClocksInput(line.idle_seconds, forgotten=True))
