"""Events meet rules: who enters a flow, who is woken, who leaves.

One transaction takes a partition's next events in order, lets their contacts' runs and the flows
they may start see them one by one, writes what came of it and takes the events off the queue.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.dispatch import PendingEvent, hold_partition, mark_dispatched, pending_events
from crm_store.partitions import partition_of
from crm_store.recipients import hold_contacts_still
from crm_store.runs import (
    NewRun,
    StandingRow,
    earlier_runs,
    insert_runs,
    lock_open_runs,
    lock_runs,
    set_aside,
)
from engine.flows.entry import EarlierRuns, admit, looks_back
from engine.flows.holdout import is_held_out
from engine.local_time import is_zone
from engine.machines.journey import Due, Entered, EventHappened, start
from engine.machines.plan import Plan
from engine.rules import Facts, Reads, union
from engine.services.asides import is_arriving, waits_until, with_event
from engine.services.changes.causes import chains_behind, goes_round
from engine.services.facts import event_record, load_facts
from engine.services.plans import ActiveFlow, FlowBook, Plans
from engine.services.scoring.keeping import Moment, ScoreKeeping
from engine.services.segments.keeping import Keeping
from engine.services.travelling import Ledger, Written

HELD_OUT = "holdout"
# Local rules are asked in the contact's own zone, whether or not a rule reads it.
ZONE = Reads(fields=frozenset({("contact", "time_zone")}))

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Dispatched:
    """`full`: there is more to do now. `busy`: another transaction holds the partition; nothing was
    looked at.
    """

    events: int = 0
    full: bool = False
    busy: bool = False
    written: Written = field(default_factory=Written)


async def dispatch_events(
    session: AsyncSession,
    plans: Plans,
    ledger: Ledger,
    *,
    partition: int,
    limit: int,
    advance_shards: int,
) -> Dispatched:
    """Deal with up to `limit` events of a partition.

    An event is dealt with once: it leaves the queue in the transaction that carries its
    consequences. Runs of paused flows are not moved: what they listen for is set aside for them,
    and people who enter a paused flow wait at its door.
    """
    if not await hold_partition(session, partition):
        return Dispatched(busy=True)
    events = await pending_events(session, partition, limit)
    if not events:
        return Dispatched()
    sorter = _Sorter(session, plans, ledger, advance_shards, partition)
    dealt_with = await sorter.look_at(events)
    written = await ledger.write(session)
    await mark_dispatched(session, dealt_with)
    more = len(events) == limit or sorter.moves > 0 or partition in written.partitions
    return Dispatched(len(dealt_with), more, False, written)


@dataclass(slots=True)
class _Sorter:
    session: AsyncSession
    plans: Plans
    ledger: Ledger
    advance_shards: int
    partition: int
    # What segments and scores told: their events are the next batch.
    moves: int = 0

    async def look_at(self, events: Sequence[PendingEvent]) -> list[int]:
        """Deal with events; the ids of those that are done with.

        A visitor may be joined to a person at this moment: events that were theirs stay in the
        queue, and are the person's the next time. Whoever may enter a flow is held, so that nobody
        enters who is just going.
        """
        book = await self.plans.book(self.session)
        keeping = await Keeping.hold(
            self.session,
            self.plans.segments,
            events,
            self.ledger.clock or (lambda: self.ledger.now),
        )
        models = await self.plans.scores.book(self.session, keeping.book)
        scoring = ScoreKeeping.concerning(models, events)
        starting = {event.contact_id for event in events if event.name in book.started_by}
        gone = starting - await hold_contacts_still(self.session, starting)
        events = [event for event in events if event.contact_id not in gone]
        rows, plans = await self._open_runs(book, events)
        facts = await self._facts(book, events, plans, keeping.reads | scoring.reads)
        by_contact: dict[int, list[StandingRow]] = defaultdict(list)
        for row in rows:
            by_contact[row.subject_id].append(row)
        entries = _Entries(self.ledger, self.advance_shards)
        await entries.look_up(self.session, book, events, facts)
        aside: dict[int, StandingRow] = {}
        for event in events:
            known = facts.get(event.contact_id)
            if known is None:
                continue
            seen = {**known, "event": event_record(event)}
            for row in by_contact.get(event.contact_id, ()):
                plan = plans.get(row.flow_version_id)
                if plan is None or row.flow_id in book.paused:
                    _keep_for_later(aside, row, event)
                else:
                    self._tell(row, plan, seen, event)
            for flow in entries.fitting.get(event.id, ()):
                entries.consider(flow, event, seen)
        kept = [(id_, row.happening) for id_, row in aside.items() if row.happening is not None]
        await set_aside(self.session, kept, self.ledger.now)
        chains = chains_behind(events)
        self.moves = await keeping.write(
            self.session,
            facts,
            now=self.ledger.now,
            zone=self.ledger.default_zone,
            partition=self.partition,
            chains=chains,
        )
        self.moves += await scoring.write(
            self.session,
            facts,
            Moment(self.ledger.now, self.ledger.default_zone),
            announcer=self.ledger.announcer,
            line=lambda _: self.partition,
            chains=chains,
        )
        await self._let_in(entries, book, facts, events)
        return [event.id for event in events if event.contact_id in facts]

    async def _open_runs(
        self, book: FlowBook, events: Sequence[PendingEvent]
    ) -> tuple[list[StandingRow], dict[int, Plan]]:
        contacts = {event.contact_id for event in events}
        rows = await lock_open_runs(self.session, contacts, list(book.names))
        return rows, await self.plans.plans(self.session, {row.flow_version_id for row in rows})

    async def _facts(
        self,
        book: FlowBook,
        events: Sequence[PendingEvent],
        plans: Mapping[int, Plan],
        segments: Reads,
    ) -> dict[int, Facts]:
        """One load for the batch: what the runs' rules, the flows these events start and the
        segments they may change read."""
        started = [book.reads[name] for name in {e.name for e in events} & book.reads.keys()]
        reads = union([ZONE, segments, *started, *(plan.reads for plan in plans.values())])
        return await load_facts(
            self.session, {event.contact_id for event in events}, reads, self.ledger.now
        )

    def _tell(self, row: StandingRow, plan: Plan, facts: Facts, event: PendingEvent) -> None:
        """Let a run see an event: its exit rule may hold now, or its step may listen for it.

        A run whose own time came before the event happened is left to the advance driver, which
        will find it due: a timeout that was reached first stays first.
        """
        standing = self.ledger.standing(row)
        if standing.state != "active" or standing.arriving:
            return
        if standing.due_at is not None and standing.due_at <= event.occurred_at:
            return
        hears = not goes_round(plan.flow.name, event.source, event.properties)
        if event.name in standing.listens and hears:
            self.ledger.move(row, plan, EventHappened(facts["event"]), facts)
        elif self._wants_out(row, plan, facts):
            self.ledger.move(row, plan, Due(), facts)

    def _wants_out(self, row: StandingRow, plan: Plan, facts: Facts) -> bool:
        if plan.exit_rule is None:
            return False
        try:
            return plan.exit_rule.holds(facts, self.ledger.now, self.ledger.zone_of(row))
        except Exception:  # one poisoned run must not stop the partition
            log.exception("the exit rule of run %s failed", row.id)
            return True  # so that the pass meets the same fault, and holds the run

    async def _let_in(
        self,
        entries: _Entries,
        book: FlowBook,
        facts: Mapping[int, Facts],
        events: Sequence[PendingEvent],
    ) -> None:
        """Make the runs and take them as far as they go; then they see the contact's later events
        of this batch, as they would have seen them in the next one."""
        entered = await insert_runs(self.session, list(entries.new.values()), self.ledger.now)
        active = [
            id_
            for key, id_ in entered.items()
            if entries.new[key].outcome is None and key[0] not in book.paused
        ]
        rows = await lock_runs(self.session, active)
        plans = await self.plans.plans(self.session, {row.flow_version_id for row in rows})
        place = {event.id: index for index, event in enumerate(events)}
        started = {id_: entries.new[key].entry_event_id or 0 for key, id_ in entered.items()}
        by_contact: dict[int, list[PendingEvent]] = defaultdict(list)
        for event in events:
            by_contact[event.contact_id].append(event)
        for row in rows:
            plan, first = plans[row.flow_version_id], events[place[started[row.id]]]
            seen = {**facts[row.subject_id], "event": event_record(first)}
            self.ledger.move(row, plan, Entered(_because(first), first=True), seen)
            for event in by_contact[row.subject_id]:
                if place[event.id] > place[first.id]:
                    self._tell(row, plan, {**seen, "event": event_record(event)}, event)


def _because(event: PendingEvent) -> dict[str, Any]:
    return {"by": "event", "event": event.name, "event_id": event.id}


def _keep_for_later(aside: dict[int, StandingRow], row: StandingRow, event: PendingEvent) -> None:
    """Remember an event that a run listens for but cannot be told now."""
    known = aside.get(row.id, row)
    until = waits_until(known)
    too_late = until is not None and until <= event.occurred_at
    if event.name in known.listens and not is_arriving(known) and not too_late:
        aside[row.id] = known._replace(happening=with_event(known, event.id))


@dataclass(slots=True)
class _Entries:
    """Who enters which flow because of these events, each entry key once."""

    ledger: Ledger
    advance_shards: int
    new: dict[tuple[int, int, str], NewRun] = field(default_factory=dict)
    # By event, the flows whose trigger's rule holds.
    fitting: dict[int, list[ActiveFlow]] = field(default_factory=dict)
    _earlier: dict[tuple[int, int], EarlierRuns] = field(default_factory=dict)

    async def look_up(
        self,
        session: AsyncSession,
        book: FlowBook,
        events: Sequence[PendingEvent],
        facts: Mapping[int, Facts],
    ) -> None:
        """Find the flows that fit each event, and what their entry policies must know."""
        for event in events:
            if event.name in book.started_by and event.contact_id in facts:
                seen = {**facts[event.contact_id], "event": event_record(event)}
                self.fitting[event.id] = self._fitting(book, event, seen)
        pairs = {
            (flow.id, event.contact_id)
            for event in events
            for flow in self.fitting.get(event.id, ())
            if looks_back(flow.plan.flow.entry)
        }
        for pair, found in (await earlier_runs(session, pairs)).items():
            self._earlier[pair] = EarlierRuns(*found)

    def consider(self, flow: ActiveFlow, event: PendingEvent, facts: Facts) -> None:
        """Let the contact in when the entry policy of a fitting flow allows it."""
        if goes_round(flow.name, event.source, event.properties):
            log.warning("flow %s wakes itself by what it changes; event %s", flow.name, event.id)
            return
        plan, zone = flow.plan, zone_of(facts, self.ledger.default_zone)
        pair = (flow.id, event.contact_id)
        earlier = self._earlier.get(pair, EarlierRuns())
        admission = admit(
            plan.flow.entry,
            occasion=f"event:{event.id}",
            event=facts["event"],
            earlier=earlier,
            now=self.ledger.now,
            zone=zone,
        )
        if admission.key is None:
            return
        held_out = is_held_out(flow.name, event.contact_id, plan.flow.holdout_percent)
        run = new_run(flow, event.contact_id, admission.key, self.advance_shards, held_out)
        self.new.setdefault(
            (flow.id, event.contact_id, admission.key),
            NewRun(
                **{
                    **run,
                    "happening": {"what": "entered", "why": _because(event)},
                    "entry_event_id": event.id,
                }
            ),
        )

    def _fitting(self, book: FlowBook, event: PendingEvent, facts: Facts) -> list[ActiveFlow]:
        zone = zone_of(facts, self.ledger.default_zone)
        try:
            found = book.triggers.matching(event.name, (), facts, self.ledger.now, zone)
        except Exception:  # one poisoned trigger must not keep the others from their event
            log.exception("the triggers of event %s could not be asked together", event.id)
            flows = book.started_by[event.name]
            return [flow for flow in flows if self._fits(flow, event, facts, zone)]
        return [book.flows[id_] for id_ in sorted(found)]

    def _fits(self, flow: ActiveFlow, event: PendingEvent, facts: Facts, zone: str) -> bool:
        rule = flow.plan.entry_rule
        if rule is None:
            return True
        try:
            return rule.holds(facts, self.ledger.now, zone)
        except Exception:  # one poisoned event must not stop the partition
            log.exception("the trigger of flow %s failed on event %s", flow.name, event.id)
            return False


def new_run(
    flow: ActiveFlow, contact_id: int, entry_key: str, advance_shards: int, held_out: bool
) -> dict[str, Any]:
    """The fields of a new `run` row; the shard follows from the contact."""
    return {
        "flow_id": flow.id,
        "flow_version_id": flow.version_id,
        "subject_id": contact_id,
        "entry_key": entry_key,
        "shard": partition_of(contact_id, advance_shards),
        "node": start(flow.plan).node,
        "happening": {"what": "entered"},
        "outcome": HELD_OUT if held_out else None,
    }


def zone_of(facts: Facts, default_zone: str) -> str:
    """The contact's zone; the default one where none is known, or none that exists."""
    zone = (facts.get("contact") or {}).get("time_zone")
    return zone if zone and is_zone(zone) else default_zone
