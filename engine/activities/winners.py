"""The winners driver's work: a look at every comparison of arms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import structlog
from temporalio import activity

from engine.activities.beating import beating
from engine.activities.parts import Parts
from engine.services.goals.winners import decide_winners
from engine.workflows.shared import DECIDE, Progress, WinnersInput

# A comparison of days need not be looked at more often; each look reads the people of its arms.
LOOK_AGAIN = timedelta(minutes=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WinnerActivities:
    parts: Parts

    @activity.defn(name=DECIDE)
    async def decide(self, line: WinnersInput) -> Progress:  # noqa: ARG002 - one driver for all
        """Decide what can be decided. Run twice it decides once."""
        parts = self.parts
        async with beating(), parts.store.transaction() as session:
            decided = await decide_winners(session, parts.plans, parts.now())
        for flow, node, arm in decided.winners:
            log.info("arm_won", flow=flow, node=node, arm=arm)
        due = (parts.now() + LOOK_AGAIN).timestamp() if decided.open else None
        return Progress(len(decided.winners), next_due=due)
