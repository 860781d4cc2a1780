"""The perform driver's work: the effects of a shard, in groups, several groups side by side."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity

from crm_store.effects import next_open
from crm_store.partitions import APART_FROM
from engine.activities.beating import beating
from engine.activities.parts import Parts
from engine.services.performing import Performed, Performer
from engine.workflows.shared import PERFORM, PerformInput, Progress

SECONDS_PER_ACTIVITY = 20.0
# Claims left behind are settled this many at a time, so that asking the provider stays bounded.
SETTLED_AT_ONCE = 200
# Calls of other systems and messages by added channels in one group: a slow one keeps the others of
# its group waiting. As many as a chat channel begins in time.
CALLS_AT_ONCE = 16
# An open effect that was passed over is in somebody else's hands; sooner would only spin.
LOOK_AGAIN = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class PerformActivities:
    parts: Parts

    @activity.defn(name=PERFORM)
    async def perform(self, line: PerformInput) -> Progress:
        """Do what is open; safe to run beside another attempt, since claims are rows.

        When the worker stops, groups under way are finished and no new ones begin.
        """
        until = time.monotonic() + SECONDS_PER_ACTIVITY
        async with beating():
            lanes = [self._lane(line.shard, lane, until) for lane in range(self.parts.sizes.lanes)]
            # each lane ends by itself: one that fails must not leave the others without their host
            ended = await asyncio.gather(*lanes, return_exceptions=True)
            performed = sum(count for count in ended if isinstance(count, int))
            for failure in ended:
                if isinstance(failure, BaseException):
                    raise failure
            if time.monotonic() > until or activity.is_worker_shutdown():
                return Progress(performed, again=True)
            performed += await self._settle(line.shard)
            return Progress(performed, next_due=await self._next_due(line.shard))

    async def _next_due(self, shard: int) -> float | None:
        now = self.parts.now()
        async with self.parts.store.transaction() as session:
            due = await next_open(session, shard)
        if due is None:
            return None
        return due.timestamp() if due > now else (now + LOOK_AGAIN).timestamp()

    async def _lane(self, shard: int, lane: int, until: float) -> int:
        """Groups one after another until none is left or the time is up."""
        performer = self.parts.performer(slot=shard * self.parts.sizes.lanes + lane)
        limit, performed = self._group_size(shard), 0
        while time.monotonic() < until and not activity.is_worker_shutdown():
            group = await performer.perform_group(shard, limit)
            performed += group.taken
            await self._tell(group)
            if group.taken < limit:
                break
        return performed

    def _group_size(self, shard: int) -> int:
        return CALLS_AT_ONCE if shard >= APART_FROM else self.parts.channel.group_size

    async def _settle(self, shard: int) -> int:
        performer: Performer = self.parts.performer(slot=shard * self.parts.sizes.lanes)
        group = await performer.settle_left_behind(shard, SETTLED_AT_ONCE)
        await self._tell(group)
        return group.taken

    async def _tell(self, group: Performed) -> None:
        if not any(one.perform_shards or one.dues or one.partitions for one in group.written):
            return
        # whoever was performed for is in the book by which that was done
        book = self.parts.plans.latest
        if book is None:
            async with self.parts.store.transaction() as session:
                book = await self.parts.plans.book(session)
        for written in group.written:
            self.parts.tell(written, book)
