"""The assignments driver's work: the queue first, then a page of a handover, and again."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from temporalio import activity

from engine.activities.beating import beating
from engine.activities.parts import Parts
from engine.services.assigning.waiting import Retried, retry_waiting
from engine.services.handover import Carried, carry_on
from engine.services.work import working
from engine.workflows.shared import ASSIGN, AssignmentsInput, Progress

SECONDS_PER_ACTIVITY: Final = 30.0
# What is due and could not be done is in somebody else's hands; sooner would only spin.
LOOK_AGAIN: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class AssignmentActivities:
    parts: Parts

    @activity.defn(name=ASSIGN)
    async def assign(self, line: AssignmentsInput) -> Progress:  # noqa: ARG002 - one driver for all
        """Each page is one transaction, so a second run goes on where the first one stopped."""
        until, done = time.monotonic() + SECONDS_PER_ACTIVITY, 0
        async with beating():
            while True:
                retried, carried = await self._retry(), await self._carry()
                done += retried.looked_at + carried.looked_at
                if not (retried.again or carried.again):
                    moments = (retried.next_look, carried.next_return)
                    return Progress(done, next_due=self._soonest(moments))
                if time.monotonic() > until or activity.is_worker_shutdown():
                    return Progress(done, again=True)

    async def _retry(self) -> Retried:
        parts = self.parts
        async with working(parts.store, parts.shared, parts.pokes, parts.now()) as work:
            return await retry_waiting(work)

    async def _carry(self) -> Carried:
        parts = self.parts
        async with working(parts.store, parts.shared, parts.pokes, parts.now()) as work:
            return await carry_on(work)

    def _soonest(self, moments: Iterable[datetime | None]) -> float | None:
        known = [one for one in moments if one is not None]
        if not known:
            return None
        return max(min(known), self.parts.now() + LOOK_AGAIN).timestamp()
