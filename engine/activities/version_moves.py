"""The version-move workflow's work: pages of people brought to another version, or back."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from temporalio import activity

from engine.activities.beating import beating
from engine.activities.parts import Parts
from engine.services.version_moves import Hands, MovedPage, next_page
from engine.workflows.shared import MOVE_VERSIONS, Progress, VersionMoveInput

SECONDS_PER_ACTIVITY: Final = 60.0
# Runs in one transaction: they are locked for as long, so others wait for them.
PAGE: Final = 2_000


@dataclass(frozen=True, slots=True)
class VersionMoveActivities:
    parts: Parts

    @activity.defn(name=MOVE_VERSIONS)
    async def move(self, line: VersionMoveInput) -> Progress:
        """Page after page; each is one transaction, and a second run goes on at the cursor."""
        until = time.monotonic() + SECONDS_PER_ACTIVITY
        looked_at = 0
        async with beating():
            while True:
                page = await self._page(line.move_id)
                looked_at += page.looked_at
                if not page.again:
                    due = page.look_again
                    return Progress(looked_at, next_due=due.timestamp() if due else None)
                if time.monotonic() > until or activity.is_worker_shutdown():
                    return Progress(looked_at, again=True)

    async def _page(self, move_id: int) -> MovedPage:
        parts = self.parts
        async with parts.store.transaction() as session:
            page = await next_page(
                session,
                parts.plans,
                move_id,
                Hands(PAGE, parts.now(), parts.default_zone, parts.announcer),
                advance_shards=parts.sizes.advance_shards,
            )
            names = (await parts.plans.book(session)).names if page.moved else {}
        if page.flow_id in names:
            for shard in page.shards:
                parts.pokes.advance(names[page.flow_id], shard, None)
        if page.partitions:
            parts.pokes.dispatch(page.partitions)
        return page
