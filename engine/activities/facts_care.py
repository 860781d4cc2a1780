"""The work of the workflow that keeps derived facts true, and throws away what nobody counts by
any more."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import activity

from engine.activities.beating import beating
from engine.activities.parts import Parts
from engine.services.channels import forget_idle
from engine.services.derived_facts import care_for_facts
from engine.workflows.shared import CARE_FOR_FACTS, FactsCareInput, Progress


@dataclass(frozen=True, slots=True)
class FactsCareActivities:
    parts: Parts

    @activity.defn(name=CARE_FOR_FACTS)
    async def care(self, _line: FactsCareInput) -> Progress:
        """In many short transactions; a second run does what the first one left."""
        parts = self.parts
        async with beating():
            cared = await care_for_facts(
                parts.store, parts.base_currency, parts.now(), parts.default_zone
            )
            await forget_idle(parts.store, parts.now())
        if cared.rescored:
            parts.pokes.segments()
            parts.pokes.scores()
        return Progress(cared.rescored, next_due=cared.next_at.timestamp())
