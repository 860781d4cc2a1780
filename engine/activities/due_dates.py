"""The work of birthday care: whose date has come, and which schedules have fired."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from temporalio import activity

from crm_store.digests import next_due as next_digest
from engine.activities.beating import beating
from engine.activities.parts import Parts
from engine.dates.hours import Hours
from engine.flows.triggers import DateTrigger
from engine.services.due_dates.firing import fire_schedule
from engine.services.due_dates.sweeping import Swept, sweep_page
from engine.services.due_dates.watching import Watching, flows_that_watch, next_due
from engine.services.sending.collected import DIGEST
from engine.services.sending.digests import send_due
from engine.workflows.shared import LOOK_AT_DATES, DueDatesInput, Progress

SECONDS_PER_ACTIVITY = 60.0
# As many as an audience takes at once; a page reads the candidates of the whole look anew.
ROWS_PER_PAGE = 5_000
DIGESTS_AT_ONCE = 1_000
# The trouble of the database itself: it would meet every flow, and the look is done again.
PASSING: Final = (OperationalError, InterfaceError, NoConnectionFree)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DueDateActivities:
    parts: Parts
    # By time of day; see `Hours`.
    hours: dict[str, Hours] = field(default_factory=dict)

    @activity.defn(name=LOOK_AT_DATES)
    async def look(self, line: DueDatesInput) -> Progress:  # noqa: ARG002 - one for all flows
        """One look at every flow that watches dates or has a schedule. Run twice, or beside
        another attempt, it goes on where the rows say it stands.
        """
        until = time.monotonic() + SECONDS_PER_ACTIVITY
        entered, parts = 0, self.parts
        async with beating():
            async with parts.store.transaction() as session:
                flows = await flows_that_watch(session, parts.plans)
            for flow in flows:
                try:
                    entered += await self._look_at(flow, until)
                except PASSING:
                    raise
                except Exception:  # one poisoned flow must not stop the others
                    log.exception("dates_of_a_flow_failed", flow=flow.name)
                if _is_over(until):
                    return Progress(entered, again=True)
            entered += await self._digests(until)
        if _is_over(until):
            return Progress(entered, again=True)
        dues = [next_due(flows, self.hours, parts.now()), await self._next_digest()]
        due = min((one for one in dues if one is not None), default=None)
        return Progress(entered, next_due=due.timestamp() if due else None)

    async def _digests(self, until: float) -> int:
        """Let everybody for whom a digest is due into the flow that sends it."""
        parts, entered = self.parts, 0
        while not _is_over(until):
            async with parts.store.transaction() as session:
                sent = await send_due(
                    session,
                    parts.plans,
                    parts.library,
                    now=parts.now(),
                    limit=DIGESTS_AT_ONCE,
                    advance_shards=parts.sizes.advance_shards,
                )
            for shard, due in sent.dues.items():
                parts.pokes.advance(DIGEST, shard, due)
            entered += sent.entered
            if sent.entered < DIGESTS_AT_ONCE:
                break
        return entered

    async def _next_digest(self) -> datetime | None:
        """What could not go now, because nobody may enter, is looked at with the next tick."""
        async with self.parts.store.transaction() as session:
            return await next_digest(session, self.parts.now())

    async def _look_at(self, flow: Watching, until: float) -> int:
        if not isinstance(flow.trigger, DateTrigger):
            return await self._fire(flow)
        entered = 0
        while not _is_over(until):
            page = await self._page(flow, flow.trigger)
            entered += page.entered
            if page.done:
                break
        return entered

    async def _page(self, flow: Watching, trigger: DateTrigger) -> Swept:
        parts = self.parts
        async with parts.store.transaction() as session:
            page = await sweep_page(
                session,
                parts.plans,
                self.hours.setdefault(trigger.at, Hours(trigger.date_rule().at)),
                flow_id=flow.flow_id,
                limit=ROWS_PER_PAGE,
                advance_shards=parts.sizes.advance_shards,
                now=parts.now(),
                default_zone=parts.default_zone,
            )
        for shard, due in page.dues.items():
            parts.pokes.advance(flow.name, shard, due)
        return page

    async def _fire(self, flow: Watching) -> int:
        parts = self.parts
        async with parts.store.transaction() as session:
            fired = await fire_schedule(session, parts.plans, flow_id=flow.flow_id, now=parts.now())
        if fired.dropped:
            log.warning("schedule_missed", flow=flow.name, firings=fired.dropped)
        for enrolment_id in fired.enrolments:
            parts.pokes.audience(enrolment_id)
        return len(fired.enrolments)


def _is_over(until: float) -> bool:
    return time.monotonic() > until or activity.is_worker_shutdown()
