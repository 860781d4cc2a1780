"""One workflow per move: brings people to another version, or back, page by page."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from engine.workflows.driver import RETRIES, Driver
from engine.workflows.shared import MOVE_VERSIONS, Progress, VersionMoveInput


@workflow.defn(name="version_move")
class VersionMove(Driver):
    """Id `version-move/<move>`; ends when everybody is moved, or nobody is to be moved for now
    (paused, cancelled). The poke of `resume`, `stage` or `undo` starts it again.
    """

    @workflow.run
    async def run(self, line: VersionMoveInput) -> None:
        async def work() -> Progress:
            progress: Progress = await workflow.execute_activity(
                MOVE_VERSIONS,
                line,
                result_type=Progress,
                start_to_close_timeout=timedelta(minutes=10),
                heartbeat_timeout=timedelta(seconds=15),
                retry_policy=RETRIES,
            )
            return progress

        await self.drive(work, idle_seconds=line.idle_seconds, ends_after_empty=1)
        if self.is_to_continue():
            workflow.continue_as_new(line)
