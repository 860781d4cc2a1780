"""Events meet rules: who enters a flow, who is woken, who leaves.

One transaction takes a partition's next events in order, lets their contacts' runs and the flows
they may start see them one by one, writes what came of it and takes the events off the queue.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.dispatch import PendingEvent, hold_partition, mark_dispatched, pending_events
from crm_store.goals import RunInReach
from crm_store.new_runs import NewRun, insert_runs
from crm_store.pauses import share_pauses
from crm_store.recipients import hold_contacts_still
from crm_store.runs import StandingRow, lock_free_runs, lock_open_runs, lock_runs, set_aside
from engine.machines.journey import Due, Entered, EventHappened, GoalReached
from engine.machines.plan import Plan
from engine.rules import Facts, Reads, union
from engine.services.asides import is_arriving, waits_until, with_event
from engine.services.changes.causes import chains_behind, goes_round
from engine.services.entries import ZONE, Entries, because, zone_of
from engine.services.facts import event_record, load_facts
from engine.services.goals.counting import GoalCounting
from engine.services.plans import FlowBook, Plans, adjusts_scores
from engine.services.scoring.keeping import Moment, ScoreKeeping
from engine.services.segments.keeping import Keeping
from engine.services.travelling import Ledger, Written
from engine.telemetry.tracing import span

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
    consequences. Runs of paused flows and on paused nodes are not moved: what they listen for is
    set aside for them, and people who enter wait at the door.
    """
    if not await hold_partition(session, partition):
        return Dispatched(busy=True)
    events = await pending_events(session, partition, limit)
    if not events:
        return Dispatched()
    sorter = _Sorter(session, plans, ledger, advance_shards, partition)
    with span("look at events", partition=partition, events=len(events)):
        dealt_with = await sorter.look_at(events)
    with span("write what came of events", events=len(dealt_with)):
        written = await sorter.write(dealt_with)
    await mark_dispatched(session, [event.id for event in dealt_with])
    more = len(events) == limit or sorter.told
    return Dispatched(len(dealt_with), more, False, written)


@dataclass(slots=True)
class _Sorter:
    """One batch. `look_at` takes every lock but those of the contacts to be changed, and decides;
    `write` takes these all at once and writes. See `travelling` for the order.
    """

    session: AsyncSession
    plans: Plans
    ledger: Ledger
    advance_shards: int
    partition: int
    # Whether writing told events of this partition: they are the next batch.
    told: bool = False
    _keeping: Keeping = field(init=False)
    _scoring: ScoreKeeping = field(init=False)
    _goals: GoalCounting = field(init=False)
    _facts_of: Mapping[int, Facts] = field(init=False)

    async def look_at(self, events: Sequence[PendingEvent]) -> list[PendingEvent]:
        """Decide about events; those that are done with.

        A visitor may be joined to a person at this moment: events that were theirs stay in the
        queue, and are the person's the next time. Everybody is held still, so that nobody enters
        or moves who is just going.
        """
        await share_pauses(self.session)
        book = await self.plans.book(self.session)
        self.ledger.paused_nodes = book.paused_nodes
        self._keeping = keeping = await Keeping.hold(
            self.session,
            self.plans.segments,
            events,
            self.ledger.clock or (lambda: self.ledger.now),
        )
        models = await self.plans.scores.book(self.session, keeping.book)
        self._scoring = scoring = ScoreKeeping.concerning(models, events)
        there = await hold_contacts_still(self.session, {event.contact_id for event in events})
        events = [event for event in events if event.contact_id in there]
        rows, plans = await self._open_runs(book, events)
        await scoring.hold(self.session, _may_be_adjusted(book, events, rows, plans))
        counted = await self.plans.goals.counted(self.session, book)
        self._goals = goals = await GoalCounting.concerning(
            self.session, self.plans, counted, events
        )
        reads = union([keeping.reads, scoring.reads, goals.reads])
        self._facts_of = facts = await self._facts(book, events, plans, reads)
        by_contact: dict[int, list[StandingRow]] = defaultdict(list)
        for row in rows:
            by_contact[row.subject_id].append(row)
        entries = Entries(self.ledger, self.advance_shards)
        await entries.look_up(self.session, book, events, facts)
        aside: dict[int, StandingRow] = {}
        held: list[tuple[RunInReach, PendingEvent, Facts]] = []
        for event in events:
            known = facts.get(event.contact_id)
            if known is None:
                continue
            seen = {**known, "event": event_record(event)}
            leaving = {run.id: run for run in self._take(event, seen)}
            held += [(run, event, seen) for run in leaving.values() if run.state == "held"]
            for row in by_contact.get(event.contact_id, ()):
                plan = plans.get(row.flow_version_id)
                if plan is None or book.holds(row.flow_id, row.node):
                    _keep_for_later(aside, row, event, leaves=row.id in leaving)
                elif row.id in leaving:
                    self.ledger.move(row, plan, GoalReached(because(event)), seen)
                else:
                    self._tell(row, plan, seen, event)
            for flow in entries.fitting.get(event.id, ()):
                entries.consider(flow, event, seen)
        kept = [(id_, row.happening) for id_, row in aside.items() if row.happening is not None]
        await set_aside(self.session, kept, self.ledger.now)
        await self._let_go(held, book)
        await self._let_in(entries, book, facts, events)
        return [event for event in events if event.contact_id in facts]

    async def write(self, events: Sequence[PendingEvent]) -> Written:
        """Write what came of these events: scores, runs, and last of all members, because segments
        have one row each for everybody."""
        session, ledger, chains = self.session, self.ledger, chains_behind(events)
        moment = Moment(ledger.now, ledger.default_zone)
        counted = self._scoring.count(
            self._facts_of, moment, line=lambda _: self.partition, chains=chains
        )
        scored = await counted.contacts(session)
        await ledger.hold(session, scored)
        scores_told = await counted.write(session, scored, ledger.announcer)
        arms, goals_told = await self._goals.write(
            session, ledger.announcer, ledger.now, self.partition
        )
        ledger.reached += arms
        written = await ledger.write(session)
        moves = await self._keeping.write(
            session,
            self._facts_of,
            now=ledger.now,
            zone=ledger.default_zone,
            partition=self.partition,
            chains=chains,
        )
        self.told = goals_told or moves > 0 or self.partition in scores_told | written.partitions
        return written

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

    def _take(
        self, event: PendingEvent, facts: Facts, among: frozenset[int] | None = None
    ) -> list[RunInReach]:
        zone = zone_of(facts, self.ledger.default_zone)
        return self._goals.take(event, facts, self.ledger.now, zone, among)

    async def _let_go(
        self, held: Sequence[tuple[RunInReach, PendingEvent, Facts]], book: FlowBook
    ) -> None:
        """Held runs that reached their goal leave. One that somebody mends at this moment is not
        waited for: it leaves when it moves.
        """
        free = await lock_free_runs(self.session, [run.id for run, _, _ in held])
        rows = {row.id: row for row in free if not book.holds(row.flow_id, row.node)}
        for run, event, seen in held:
            if run.id in rows and rows[run.id].state == "held":
                plan = self._goals.known[run.flow_version_id]
                self.ledger.move(rows[run.id], plan, GoalReached(because(event)), seen)

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
        entries: Entries,
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
            if entries.new[key].outcome is None and not book.holds(key[0], entries.new[key].node)
        ]
        rows = await lock_runs(self.session, active)
        versions = {run.flow_version_id for run in entries.new.values()}
        plans = await self.plans.plans(self.session, versions)
        place = {event.id: index for index, event in enumerate(events)}
        started = {id_: entries.new[key].entry_event_id or 0 for key, id_ in entered.items()}
        by_contact: dict[int, list[PendingEvent]] = defaultdict(list)
        for event in events:
            by_contact[event.contact_id].append(event)
        now, happened = self.ledger.now, {event.id: event.occurred_at for event in events}
        began = {run: min(now, happened[by]) for run, by in started.items()}
        self._goals.join(_begun(entered, entries.new, began), plans)
        for key, id_ in entered.items():
            if id_ not in active:
                for event in by_contact[key[1]]:
                    if place[event.id] > place[started[id_]]:
                        seen = {**facts[key[1]], "event": event_record(event)}
                        self._take(event, seen, frozenset({id_}))
        for row in rows:
            plan, first = plans[row.flow_version_id], events[place[started[row.id]]]
            seen = {**facts[row.subject_id], "event": event_record(first)}
            self.ledger.move(row, plan, Entered(because(first), first=True), seen)
            for event in by_contact[row.subject_id]:
                if place[event.id] > place[first.id]:
                    later = {**seen, "event": event_record(event)}
                    if self._take(event, later, frozenset({row.id})):
                        self.ledger.move(row, plan, GoalReached(because(event)), later)
                    else:
                        self._tell(row, plan, later, event)


def _may_be_adjusted(
    book: FlowBook,
    events: Sequence[PendingEvent],
    rows: Sequence[StandingRow],
    plans: Mapping[int, Plan],
) -> set[int]:
    """The contacts in flows that may change their scores, or about to enter one."""
    inside = {id_ for id_, plan in plans.items() if adjusts_scores(plan)}
    found = {row.subject_id for row in rows if row.flow_version_id in inside}
    return found | {event.contact_id for event in events if event.name in book.adjusting}


def _begun(
    entered: Mapping[tuple[int, int, str], int],
    new: Mapping[tuple[int, int, str], NewRun],
    began: Mapping[int, datetime],
) -> list[RunInReach]:
    return [_in_reach(id_, new[key], began[id_]) for key, id_ in entered.items()]


def _in_reach(run_id: int, run: NewRun, began: datetime) -> RunInReach:
    over = run.outcome is not None
    state = "ended" if over else "active"
    return RunInReach(run_id, run.flow_id, run.flow_version_id, run.subject_id, began, state, over)


def _keep_for_later(
    aside: dict[int, StandingRow], row: StandingRow, event: PendingEvent, *, leaves: bool = False
) -> None:
    """Remember an event that a run listens for, or by which it leaves, but cannot be told now."""
    known = aside.get(row.id, row)
    until = waits_until(known)
    too_late = until is not None and until <= event.occurred_at
    heard = event.name in known.listens and not too_late
    if (heard or leaves) and not is_arriving(known):
        aside[row.id] = known._replace(happening=with_event(known, event.id))
