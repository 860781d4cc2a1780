"""The audience workflow's work: pages of contacts entering a flow."""

from __future__ import annotations

import time
from dataclasses import dataclass

from temporalio import activity

from engine.activities.beating import beating
from engine.activities.parts import Parts
from engine.services.enrolling import Page, enrol_page
from engine.workflows.shared import ENROL, AudienceInput, Progress

SECONDS_PER_ACTIVITY = 60.0


@dataclass(frozen=True, slots=True)
class AudienceActivities:
    parts: Parts

    @activity.defn(name=ENROL)
    async def enrol(self, line: AudienceInput) -> Progress:
        """Page after page; each is one transaction, and a second run goes on at the cursor."""
        parts, until = self.parts, time.monotonic() + SECONDS_PER_ACTIVITY
        looked_at = 0
        async with beating():
            while True:
                page = await self._page(line)
                looked_at += page.looked_at
                if page.done:
                    return Progress(looked_at)
                if page.next_at is not None and page.next_at > parts.now():
                    return Progress(looked_at, next_due=page.next_at.timestamp())
                if time.monotonic() > until or activity.is_worker_shutdown():
                    return Progress(looked_at, again=True)

    async def _page(self, line: AudienceInput) -> Page:
        parts = self.parts
        async with parts.store.transaction() as session:
            page = await enrol_page(
                session,
                parts.plans,
                enrolment_id=line.enrolment_id,
                limit=parts.sizes.enrol_batch,
                advance_shards=parts.sizes.advance_shards,
                now=parts.now(),
                default_zone=parts.default_zone,
            )
            book = await parts.plans.book(session)
        if page.entered and page.flow_id in book.names:
            for shard in range(parts.sizes.advance_shards):
                parts.pokes.advance(book.names[page.flow_id], shard, None)
        return page
