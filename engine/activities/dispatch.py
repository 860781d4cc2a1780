"""The dispatch driver's work: the next events of a partition."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import activity

from engine.activities.parts import Parts
from engine.services.dispatching import dispatch_events
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
        async with parts.store.transaction() as session:
            ledger = parts.ledger(parts.now(), slot=line.partition)
            dispatched = await dispatch_events(
                session,
                parts.plans,
                ledger,
                partition=line.partition,
                limit=parts.sizes.dispatch_batch,
                advance_shards=parts.sizes.advance_shards,
            )
            book = await parts.plans.book(session)
        if activity.info().attempt > 1:
            # The attempt before may have committed and died before it could poke.
            for shard in range(parts.sizes.perform_shards):
                parts.pokes.perform(shard)
        parts.tell(dispatched.written, book)
        if dispatched.busy:
            return Progress(next_due=parts.now().timestamp() + BUSY_SECONDS)
        return Progress(done=dispatched.events, again=dispatched.full)
