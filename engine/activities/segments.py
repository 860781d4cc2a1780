"""The segment driver's work: one segment after another, who has been due for longest first."""

from __future__ import annotations

import time
from dataclasses import dataclass

from temporalio import activity

from engine.activities.beating import beating
from engine.activities.parts import Parts
from engine.services.segments.recounting import Recounting
from engine.workflows.shared import RECOUNT, Progress, SegmentsInput

SECONDS_PER_ACTIVITY = 20.0


@dataclass(frozen=True, slots=True)
class SegmentActivities:
    parts: Parts

    @activity.defn(name=RECOUNT)
    async def recount(self, line: SegmentsInput) -> Progress:  # noqa: ARG002 - one driver for all
        """Look at segments until none is due or the time is up. Run twice, or beside another
        attempt, it finds less to do and does nothing twice."""
        parts, moved = self.parts, 0
        until = time.monotonic() + SECONDS_PER_ACTIVITY
        recounting = Recounting(
            parts.store,
            parts.plans.segments,
            parts.now,
            parts.default_zone,
            parts.sizes.dispatch_partitions,
        )
        async with beating():
            while True:
                look = await recounting.look(lambda: _is_over(until))
                parts.pokes.dispatch(look.partitions)
                moved += look.moved
                if not look.again:
                    due = look.next_due
                    return Progress(moved, next_due=due.timestamp() if due else None)
                if _is_over(until):
                    return Progress(moved, again=True)


def _is_over(until: float) -> bool:
    return time.monotonic() > until or activity.is_worker_shutdown()
