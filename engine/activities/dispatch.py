"""The dispatch driver's work: the next events of a partition."""

from __future__ import annotations

import time
from dataclasses import dataclass

from temporalio import activity

from crm_store.webhook_deliveries import has_due
from engine.activities.at_once import perform_at_once
from engine.activities.beating import beating
from engine.activities.parts import Parts
from engine.services.dispatching import Dispatched, dispatch_events
from engine.services.doorbell import Listener
from engine.services.plans import FlowBook
from engine.services.waking import poke_waiting, who_waits
from engine.workflows.shared import DISPATCH, DispatchInput, Progress, dispatch_id

# The retried attempt of a dead worker waits for the database to notice that the worker is gone.
BUSY_SECONDS = 1.0
# Batches of one activity: fewer history events, and well inside the activity's time limit.
SECONDS_PER_ACTIVITY = 20.0
# Where events come, more will come. Waiting for them here spares each of them the round through
# Temporal, which takes longer than everything else on its way.
LINGER_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class DispatchActivities:
    parts: Parts

    @activity.defn(name=DISPATCH)
    async def dispatch(self, line: DispatchInput) -> Progress:
        """Deal with what is there and with what comes while it is busy. Run twice it goes on where
        the first run committed."""
        parts = self.parts
        async with beating():
            if activity.info().attempt > 1:
                # The attempt before may have committed and died before it could poke.
                parts.told.forget()
            with parts.doorbell.answering(dispatch_id(line.partition)) as door:
                return await self._until_quiet(line.partition, door)

    async def _until_quiet(self, partition: int, door: Listener) -> Progress:
        parts, until, done = self.parts, time.monotonic() + SECONDS_PER_ACTIVITY, 0
        while True:
            dispatched, book = await self._batch(partition)
            written = await perform_at_once(parts, dispatched.written, book)
            parts.tell(written, book)
            done += dispatched.events
            if partition == 0 and parts.told.everybody_is_due(parts.now()):
                await self._wake_everybody()
            if dispatched.busy:
                return Progress(done, next_due=parts.now().timestamp() + BUSY_SECONDS)
            if time.monotonic() > until or activity.is_worker_shutdown():
                return Progress(done, again=True)
            if dispatched.full:
                continue
            if not await door.rung(LINGER_SECONDS if done else 0):
                return Progress(done)

    async def _batch(self, partition: int) -> tuple[Dispatched, FlowBook]:
        parts = self.parts
        async with parts.store.transaction() as session:
            dispatched = await dispatch_events(
                session,
                parts.plans,
                parts.ledger(parts.now(), slot=partition),
                partition=partition,
                limit=parts.sizes.dispatch_batch,
                advance_shards=parts.sizes.advance_shards,
            )
            # the trigger that writes deliveries tells nobody
            if dispatched.events and await has_due(session, parts.now()):
                parts.pokes.webhooks()
            return dispatched, await parts.plans.known(session)

    async def _wake_everybody(self) -> None:
        """Drivers whose poke was lost with a process are found by looking, now and then."""
        async with self.parts.store.transaction() as session:
            waiting = await who_waits(session)
        poke_waiting(self.parts.pokes, waiting)
