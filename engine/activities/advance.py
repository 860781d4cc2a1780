"""The nurture driver's work: the runs of a flow and shard whose time has come."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from temporalio import activity

from engine.activities.at_once import perform_at_once
from engine.activities.beating import beating
from engine.activities.parts import Parts
from engine.services.advancing import Advanced, advance_due
from engine.workflows.shared import ADVANCE, NurtureInput, Progress

# Batches of one activity: fewer history events, and well inside the activity's time limit.
SECONDS_PER_ACTIVITY = 20.0


@dataclass(frozen=True, slots=True)
class AdvanceActivities:
    parts: Parts

    @activity.defn(name=ADVANCE)
    async def advance(self, line: NurtureInput) -> Progress:
        """Move batches until nobody is due or the time is up; each batch is one transaction."""
        until = time.monotonic() + SECONDS_PER_ACTIVITY
        moved = 0
        async with beating():
            while True:
                advanced = await self._batch(line)
                if advanced is None:
                    return Progress(moved)
                moved += advanced.moved
                if not advanced.full:
                    due = advanced.next_due
                    return Progress(moved, next_due=due.timestamp() if due else None)
                if time.monotonic() > until or activity.is_worker_shutdown():
                    return Progress(moved, again=True)

    async def _batch(self, line: NurtureInput) -> Advanced | None:
        parts = self.parts
        async with parts.store.transaction() as session:
            # names and ids stay what they are, so an older book will do
            plans = parts.plans
            flow_id = (plans.latest or await plans.book(session)).id_of(line.flow)
            if flow_id is None:
                flow_id = (await plans.book(session)).id_of(line.flow)
            if flow_id is None:
                return None
            advanced = await advance_due(
                session,
                plans,
                parts.ledger(parts.now(), slot=line.shard),
                flow_id=flow_id,
                shard=line.shard,
                limit=parts.sizes.advance_batch,
            )
            book = await plans.known(session)
        written = await perform_at_once(parts, advanced.written, book)
        # this line's own times are in `next_due`; a step may have let people into other flows
        others = {at: due for at, due in written.dues.items() if at != (flow_id, line.shard)}
        parts.tell(replace(written, dues=others), book)
        return advanced
