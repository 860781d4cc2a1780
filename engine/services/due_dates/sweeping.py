"""Letting in whose date has come: one flow, page by page, exactly once for each occasion.

A look is at a stretch of time, from where the last one ended to now. Its first part reads whose
hour came in it, its second who was made or edited meanwhile, because their hour may have passed
already on this day. The cursor moves in the transaction that makes the runs, so that a crash
between two pages neither loses nor doubles anybody; the row of what fired refuses the rest.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.due_dates import Fired, fired_since, lock_watch, remember_fired
from crm_store.models import DateWatch
from crm_store.new_runs import NewRun, earlier_runs, insert_runs
from crm_store.recipients import hold_contacts_still
from engine.dates.hours import Hours
from engine.dates.occasions import Look, Occasion
from engine.flows.entry import EarlierRuns, admit, looks_back
from engine.flows.holdout import is_held_out
from engine.flows.triggers import DateTrigger
from engine.rules import Facts
from engine.services.due_dates.days_off import days_off_of
from engine.services.due_dates.rows import Cursor, DatedRow, page_due, page_written
from engine.services.entries import ZONE, new_run, zone_of
from engine.services.facts import load_facts
from engine.services.plans import ActiveFlow, Plans

DUE: Final = "due"
WRITTEN: Final = "written"
# How long an edit may take from its time stamp to its commit.
LONGEST_COMMIT: Final = timedelta(minutes=5)
# A birthday that was corrected after it was kept is kept again when the year is about over. Two
# returns are 354 days apart or more, less two weeks by which one of them may have been moved.
AT_LEAST_BETWEEN: Final = timedelta(days=180)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Swept:
    """`done`: the look is over, everything up to its end was seen. `dues` are the soonest starts of
    new runs by shard."""

    looked_at: int = 0
    entered: int = 0
    done: bool = True
    dues: Mapping[int, datetime] = field(default_factory=dict)


async def sweep_page(
    session: AsyncSession,
    plans: Plans,
    hours: Hours | None = None,
    *,
    flow_id: int,
    limit: int,
    advance_shards: int,
    now: datetime,
    default_zone: str,
) -> Swept:
    """The next page of a flow's look; begins one when none is under way. `hours` are those of its
    time of day, when the caller keeps them.

    A flow that is paused looks at nothing: what came meanwhile is made up for when it is resumed,
    as after an outage.
    """
    book = await plans.book(session)
    flow = book.flows.get(flow_id)
    if flow is None or not flow.enterable or flow_id in book.paused:
        return Swept()
    trigger = flow.plan.flow.trigger
    if not isinstance(trigger, DateTrigger):
        return Swept()
    watch = await lock_watch(session, flow_id)
    if watch is None or not _is_open(watch, now):
        return Swept()
    assert watch.since is not None
    assert watch.until is not None
    look = Look(
        trigger.date_rule(),
        watch.since,
        watch.until,
        default_zone,
        days_off_of,
        hours=hours or Hours(trigger.date_rule().at),
        now=now,
    )
    sweep = _Sweep(session, flow, trigger, look, advance_shards, now, default_zone)
    rows, found = await sweep.next_page(watch, limit)
    dues = await sweep.let_in(found)
    done = _step_on(watch, rows, limit)
    return Swept(len(rows), sweep.entered, done, dues)


def _is_open(watch: DateWatch, now: datetime) -> bool:
    """Whether there is a stretch of time to look at; opens one up to now."""
    if watch.until is None:
        if now <= watch.looked_until:
            return False
        watch.since, watch.until, watch.part = watch.looked_until, now, DUE
        watch.contact_cursor = watch.record_cursor = 0
    return True


def _step_on(watch: DateWatch, rows: Sequence[DatedRow], limit: int) -> bool:
    """Move the cursor behind these rows; whether that was the last page of the look."""
    if len(rows) == limit:
        watch.contact_cursor, watch.record_cursor = rows[-1].contact_id, rows[-1].record_id
        return False
    watch.contact_cursor = watch.record_cursor = 0
    if watch.part == DUE:
        watch.part = WRITTEN
        return False
    assert watch.until is not None
    watch.looked_until = watch.until
    watch.since = watch.until = watch.part = None
    return True


Found = tuple[DatedRow, Occasion]


@dataclass(slots=True)
class _Sweep:
    session: AsyncSession
    flow: ActiveFlow
    trigger: DateTrigger
    look: Look
    advance_shards: int
    now: datetime
    default_zone: str
    entered: int = 0

    async def next_page(
        self, watch: DateWatch, limit: int
    ) -> tuple[Sequence[DatedRow], list[Found]]:
        """The rows read, and whose time has come among them."""
        after = Cursor(watch.contact_cursor, watch.record_cursor)
        if watch.part == WRITTEN:
            since = self.look.since - LONGEST_COMMIT
            rows = await page_written(self.session, self.trigger, since, after, limit)
            decide = self.look.due_after_an_edit
        else:
            wanted = self.look.candidates()
            if wanted is None:
                return (), []
            rows = await page_due(self.session, self.trigger, wanted, after, limit)
            decide = self.look.due
        dated = [(row, decide(row.dated)) for row in rows if row.dated is not None]
        return rows, [(row, occasion) for row, occasion in dated if occasion is not None]

    async def let_in(self, found: Sequence[Found]) -> dict[int, datetime]:
        """Make the runs of those whom the rule and the entry policy let in."""
        there = await hold_contacts_still(self.session, {row.contact_id for row, _ in found})
        found = [one for one in found if one[0].contact_id in there]
        found = await self._not_yet_kept(found)
        wanted = await self._fitting(found)
        runs = await self._runs(wanted)
        fired = [self._fired(*one) for one in wanted if one in runs]
        new = await remember_fired(self.session, self.flow.id, fired, self.now)
        chosen = [run for one, run in runs.items() if self._fired(*one)[:3] in new]
        entered = await insert_runs(self.session, chosen, self.now)
        self.entered += len(entered)
        dues: dict[int, datetime] = {}
        for run in chosen:
            starts_at = run.due_at or self.now
            dues[run.shard] = min(starts_at, dues.get(run.shard, starts_at))
        return dues

    async def _not_yet_kept(self, found: Sequence[Found]) -> list[Found]:
        """Without those whose day was kept already, on a date that has been corrected since."""
        if not found or not self.trigger.yearly:
            return list(found)
        contacts = {row.contact_id for row, _ in found}
        since = self.look.since - AT_LEAST_BETWEEN
        kept = await fired_since(self.session, self.flow.id, contacts, since)
        last: dict[tuple[int, str], list[datetime]] = defaultdict(list)
        for one in kept:
            last[one.contact_id, one.source].append(one.due_at)
        return [
            (row, occasion)
            for row, occasion in found
            if all(
                abs(occasion.due - due) >= AT_LEAST_BETWEEN
                for due in last[row.contact_id, self._source(row)]
            )
        ]

    async def _fitting(self, found: Sequence[Found]) -> list[Found]:
        """Those for whom the trigger's rule holds, each in their own zone."""
        rule = self.flow.plan.entry_rule
        if rule is None or not found:
            return list(found)
        contacts = {row.contact_id for row, _ in found}
        facts = await load_facts(self.session, contacts, ZONE | rule.reads, self.now)
        return [one for one in found if self._holds(facts.get(one[0].contact_id))]

    def _holds(self, facts: Facts | None) -> bool:
        rule = self.flow.plan.entry_rule
        if facts is None or rule is None:
            return False
        try:
            return rule.holds(facts, self.now, zone_of(facts, self.default_zone))
        except Exception:  # one poisoned contact must not stop the flow
            log.exception("the rule of the date trigger of %s failed", self.flow.name)
            return False

    async def _runs(self, found: Sequence[Found]) -> dict[Found, NewRun]:
        entry = self.flow.plan.flow.entry
        pairs = {(self.flow.id, row.contact_id) for row, _ in found} if looks_back(entry) else set()
        earlier = await earlier_runs(self.session, pairs)
        runs: dict[Found, NewRun] = {}
        for row, occasion in found:
            before = earlier.get((self.flow.id, row.contact_id))
            admission = admit(
                entry,
                occasion=f"date:{self._source(row)}:{occasion.name}",
                event=None,
                earlier=EarlierRuns(*before) if before else EarlierRuns(),
                now=self.now,
                zone=(row.dated and row.dated.zone) or self.default_zone,
                late_by=self.trigger.late_by,
            )
            if admission.key is not None:
                runs[row, occasion] = self._run(row, occasion, admission.key)
        return runs

    def _run(self, row: DatedRow, occasion: Occasion, key: str) -> NewRun:
        flow = self.flow
        held_out = is_held_out(flow.name, row.contact_id, flow.plan.flow.holdout_percent)
        new = new_run(flow, row.contact_id, key, self.advance_shards, held_out)
        why: dict[str, Any] = {
            "by": "date",
            "field": self.trigger.field,
            "day": occasion.day.isoformat(),
            "occasion": occasion.name,
            "due_at": occasion.due.isoformat(),
        }
        if row.record_id:
            why["record_id"] = row.record_id
        new["happening"] = {"what": "entered", "why": why}
        if occasion.starts_at > self.now:
            new["due_at"] = occasion.starts_at
        return NewRun(**new)

    def _fired(self, row: DatedRow, occasion: Occasion) -> Fired:
        return Fired(row.contact_id, self._source(row), occasion.name, occasion.due)

    def _source(self, row: DatedRow) -> str:
        field_ = self.trigger.field
        return f"{field_}:{row.record_id}" if row.record_id else field_
