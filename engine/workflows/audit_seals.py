"""The driver that seals the audit."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from engine.workflows.driver import RETRIES, Driver
from engine.workflows.shared import SEAL_AUDIT, AuditSealsInput, Progress


@workflow.defn(name="audit_seals")
class AuditSeals(Driver):
    """Id `audit-seals`; started when a worker starts, looks by itself; never ends."""

    @workflow.run
    async def run(self, line: AuditSealsInput) -> None:
        async def work() -> Progress:
            progress: Progress = await workflow.execute_activity(
                SEAL_AUDIT,
                line,
                result_type=Progress,
                start_to_close_timeout=timedelta(minutes=5),
                heartbeat_timeout=timedelta(seconds=15),
                retry_policy=RETRIES,
            )
            return progress

        await self.drive(work, idle_seconds=line.idle_seconds)
        workflow.continue_as_new(line)
