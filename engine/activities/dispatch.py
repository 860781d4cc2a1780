"""The dispatch driver's work: the next events of a partition."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import activity

from engine.activities.beating import beating
from engine.activities.parts import Parts
from engine.services.dispatching import Dispatched, dispatch_events
from engine.services.plans import FlowBook
from engine.services.waking import poke_waiting, who_waits
from engine.workflows.shared import DISPATCH, DispatchInput, Progress

# The retried attempt of a dead worker waits for the database to notice that the worker is gone.
BUSY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class DispatchActivities:
    parts: Parts

    @activity.defn(name=DISPATCH)
    async def dispatch(self, line: DispatchInput) -> Progress:
        """Deal with one batch. Run twice it goes on where the first run committed."""
        parts = self.parts
        async with beating():
            dispatched, book = await self._batch(line.partition)
            if activity.info().attempt > 1:
                # The attempt before may have committed and died before it could poke.
                parts.told.forget()
            parts.tell(dispatched.written, book)
            if line.partition == 0 and parts.told.everybody_is_due(parts.now()):
                await self._wake_everybody()
        if dispatched.busy:
            return Progress(next_due=parts.now().timestamp() + BUSY_SECONDS)
        return Progress(done=dispatched.events, again=dispatched.full)

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
            return dispatched, await parts.plans.book(session)

    async def _wake_everybody(self) -> None:
        """Drivers whose poke was lost with a process are found by looking, now and then."""
        async with self.parts.store.transaction() as session:
            waiting = await who_waits(session)
        poke_waiting(self.parts.pokes, waiting)
