"""Events meet rules: who enters a flow, who is woken, who leaves.

One transaction takes a partition's next events in order, lets their contacts' runs and the flows
they may start see them one by one, writes what came of it and takes the events off the queue.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.dispatch import PendingEvent, hold_partition, mark_dispatched, pending_events
from crm_store.partitions import partition_of
from crm_store.runs import NewRun, StandingRow, earlier_runs, insert_runs, lock_open_runs, lock_runs
from engine.flows.entry import EarlierRuns, admit, looks_back
from engine.flows.holdout import is_held_out
from engine.machines.journey import Due, Entered, EventHappened, start
from engine.machines.plan import Plan
from engine.rules import Facts, union
from engine.services.facts import event_record, load_facts
from engine.services.plans import ActiveFlow, FlowBook, Plans
from engine.services.travelling import Ledger, Written

HELD_OUT = "holdout"


@dataclass(frozen=True, slots=True)
class Dispatched:
    """`busy`: another transaction holds the partition; nothing was looked at."""

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
    consequences. Runs of paused flows are not moved; their people stay where they are.
    """
    if not await hold_partition(session, partition):
        return Dispatched(busy=True)
    events = await pending_events(session, partition, limit)
    if not events:
        return Dispatched()
    sorter = _Sorter(session, plans, ledger, advance_shards)
    await sorter.look_at(events)
    written = await ledger.write(session)
    await mark_dispatched(session, [event.id for event in events])
    return Dispatched(len(events), len(events) == limit, False, written)


@dataclass(slots=True)
class _Sorter:
    session: AsyncSession
    plans: Plans
    ledger: Ledger
    advance_shards: int

    async def look_at(self, events: Sequence[PendingEvent]) -> None:
        book = await self.plans.book(self.session)
        rows, plans = await self._open_runs(book, events)
        facts = await self._facts(book, events, plans)
        by_contact: dict[int, list[StandingRow]] = defaultdict(list)
        for row in rows:
            by_contact[row.subject_id].append(row)
        entries = _Entries(self.ledger, self.advance_shards)
        await entries.read_history(self.session, book, events)
        for event in events:
            known = facts.get(event.contact_id)
            if known is None:
                continue
            seen = {**known, "event": event_record(event)}
            for row in by_contact.get(event.contact_id, ()):
                self._tell(row, plans[row.flow_version_id], seen, event)
            for flow in book.started_by.get(event.name, ()):
                entries.consider(flow, event, seen)
        await self._let_in(entries, facts, events)

    async def _open_runs(
        self, book: FlowBook, events: Sequence[PendingEvent]
    ) -> tuple[list[StandingRow], dict[int, Plan]]:
        flow_ids = [id_ for id_ in book.flows if id_ not in book.paused]
        contacts = {event.contact_id for event in events}
        rows = await lock_open_runs(self.session, contacts, flow_ids)
        return rows, await self.plans.plans(self.session, {row.flow_version_id for row in rows})

    async def _facts(
        self,
        book: FlowBook,
        events: Sequence[PendingEvent],
        plans: Mapping[int, Plan],
    ) -> dict[int, Facts]:
        """One load for the batch: what the runs' rules and the flows these events start read."""
        started = [
            flow.plan for name in {e.name for e in events} for flow in book.started_by.get(name, ())
        ]
        entry_rules = [plan.entry_rule.reads for plan in started if plan.entry_rule is not None]
        reads = union([plan.reads for plan in (*plans.values(), *started)] + entry_rules)
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
        if event.name in standing.listens:
            self.ledger.move(row, plan, EventHappened(facts["event"]), facts)
        elif plan.exit_rule is not None and plan.exit_rule.holds(
            facts, self.ledger.now, row.time_zone or self.ledger.default_zone
        ):
            self.ledger.move(row, plan, Due(), facts)

    async def _let_in(
        self, entries: _Entries, facts: Mapping[int, Facts], events: Sequence[PendingEvent]
    ) -> None:
        entered = await insert_runs(self.session, list(entries.new.values()), self.ledger.now)
        active = [id_ for key, id_ in entered.items() if entries.new[key].outcome is None]
        rows = await lock_runs(self.session, active)
        plans = await self.plans.plans(self.session, {row.flow_version_id for row in rows})
        by_id = {event.id: event for event in events}
        started = {id_: entries.new[key].entry_event_id for key, id_ in entered.items()}
        for row in rows:
            event = by_id[started[row.id] or 0]
            why = {"by": "event", "event": event.name, "event_id": event.id}
            seen = {**facts[row.subject_id], "event": event_record(event)}
            self.ledger.move(row, plans[row.flow_version_id], Entered(why, first=True), seen)


@dataclass(slots=True)
class _Entries:
    """Who enters which flow because of these events, each entry key once."""

    ledger: Ledger
    advance_shards: int
    new: dict[tuple[int, int, str], NewRun] = field(default_factory=dict)
    _earlier: dict[tuple[int, int], EarlierRuns] = field(default_factory=dict)

    async def read_history(
        self, session: AsyncSession, book: FlowBook, events: Sequence[PendingEvent]
    ) -> None:
        pairs = {
            (flow.id, event.contact_id)
            for event in events
            for flow in book.started_by.get(event.name, ())
            if looks_back(flow.plan.flow.entry)
        }
        for pair, found in (await earlier_runs(session, pairs)).items():
            self._earlier[pair] = EarlierRuns(*found)

    def consider(self, flow: ActiveFlow, event: PendingEvent, facts: Facts) -> None:
        """Let the contact in when the trigger's rule and the entry policy allow it."""
        plan, zone = flow.plan, zone_of(facts, self.ledger.default_zone)
        if plan.entry_rule is not None and not plan.entry_rule.holds(facts, self.ledger.now, zone):
            return
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
            NewRun(**{**run, "entry_event_id": event.id}),
        )


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
    contact = facts.get("contact") or {}
    return contact.get("time_zone") or default_zone
