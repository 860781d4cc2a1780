"""The score driver's work: page after page of contacts whose scores are due."""

from __future__ import annotations

import time
from dataclasses import dataclass

from temporalio import activity

from engine.activities.beating import beating
from engine.activities.parts import Parts
from engine.services.scoring.recounting import ScoreRecounting
from engine.workflows.shared import SCORE, Progress, ScoresInput

SECONDS_PER_ACTIVITY = 20.0


@dataclass(frozen=True, slots=True)
class ScoreActivities:
    parts: Parts

    @activity.defn(name=SCORE)
    async def score(self, line: ScoresInput) -> Progress:  # noqa: ARG002 - one driver for all
        """Score contacts until nobody is due or the time is up. Run twice, or beside another
        attempt, it writes the same totals and tells no border twice."""
        parts, scored = self.parts, 0
        until = time.monotonic() + SECONDS_PER_ACTIVITY
        recounting = ScoreRecounting(
            parts.store, parts.plans, parts.announcer, parts.now, parts.default_zone
        )
        async with beating():
            while True:
                look = await recounting.look()
                if look.partitions:
                    parts.pokes.dispatch(look.partitions)
                scored += look.scored
                if not look.again:
                    due = look.next_due
                    return Progress(scored, next_due=due.timestamp() if due else None)
                if time.monotonic() > until or activity.is_worker_shutdown():
                    return Progress(scored, again=True)
