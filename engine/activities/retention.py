"""The work of the workflow that takes out old rows."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import activity

from engine.activities.beating import beating
from engine.activities.parts import Parts
from engine.services.retention import apply_retention
from engine.workflows.shared import KEEP_NO_LONGER, Progress, RetentionInput


@dataclass(frozen=True, slots=True)
class RetentionActivities:
    parts: Parts

    @activity.defn(name=KEEP_NO_LONGER)
    async def apply(self, line: RetentionInput) -> Progress:
        """Batch by batch; what a crash interrupted goes on the next time."""
        parts, now = self.parts, self.parts.now()
        async with beating():
            await apply_retention(parts.store, now)
        return Progress(0, next_due=now.timestamp() + line.idle_seconds)
