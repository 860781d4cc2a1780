"""The jobs driver's work: one job after the other, two at a time."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from temporalio import activity

from engine.activities.beating import beating
from engine.activities.parts import Parts
from engine.services.jobs import JobMeans, carry_out_next
from engine.workflows.shared import CARRY_OUT_JOBS, JobsInput, Progress

# A long import keeps nobody's short one from being done.
LANES: Final = 2
SECONDS_PER_ACTIVITY: Final = 60.0


@dataclass(frozen=True, slots=True)
class JobActivities:
    parts: Parts

    @activity.defn(name=CARRY_OUT_JOBS)
    async def carry_out(self, line: JobsInput) -> Progress:  # noqa: ARG002 - one driver for all
        """A worker that dies leaves its jobs to the next one, which goes on where it stopped."""
        async with beating():
            lanes = [self._lane() for _ in range(LANES)]
            found = await asyncio.gather(*lanes)
        looks = [look for _, _, look in found if look is not None]
        return Progress(
            sum(done for done, _, _ in found),
            again=any(again for _, again, _ in found),
            next_due=min(looks).timestamp() if looks else None,
        )

    async def _lane(self) -> tuple[int, bool, datetime | None]:
        parts, done = self.parts, 0
        until = time.monotonic() + SECONDS_PER_ACTIVITY
        means = JobMeans(parts.store, parts.shared, parts.pokes, parts.now)
        while True:
            passed = await carry_out_next(means)
            if not passed.did:
                return done, False, passed.next_look
            done += 1
            if time.monotonic() > until or activity.is_worker_shutdown():
                return done, True, None
