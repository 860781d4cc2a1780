"""Moving runs: the journey machine asked for many runs, and its answers written in one go.

Whoever moves runs (due times, events, answers of effects) collects passes in a `Ledger` and writes
it once, at the end of the transaction that locked the rows: positions, asks, record changes,
journal and counters are there together or not at all.

Locks are taken in one order by everybody, so that nobody waits in a circle:

1. what is advisory: the partition of events, pauses, then the stripes of segments, ascending;
2. contacts, shared, by id: they stay who they are (`crm_store.recipients.hold_contacts_still`);
   who prepares messages also takes their turns, by id (`crm_store.sending.take_turns`);
3. effects, then runs, each by id; then, for orders and deals, the borders of derived facts;
4. scores, by contact and model, before the facts are read that they are worked out from;
5. contacts, to be changed, by id, all of a transaction at once (`Ledger.hold`);
6. what many share and nobody holds for long: counters of nodes, then members, sizes and rows of
   segments.

Nobody who stands further down takes a lock from further up. Dispatch takes them all; due times,
answers and repairs share pauses and go on with 3. An ingest and an import take 5 alone. Effects
that others may hold are never waited for while runs are held. Only whoever makes two contacts one,
or erases one, holds contacts alone before runs: he waits for half a second at most, gives way and
begins anew (`crm_store.giving_way`).
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import record_changes
from crm_store.effects import NewEffect, cancel_pending, insert_effects
from crm_store.fact_borders import share_fact_borders
from crm_store.partitions import APART_FROM
from crm_store.runs import Position, StandingRow, add_counts, write_positions
from crm_store.scores import hold_default_scores
from crm_store.splits import ReachedBy
from engine.effects import is_apart
from engine.local_time import is_zone
from engine.machines.journey import (
    NOTHING,
    Asked,
    Decided,
    Happening,
    Passage,
    Standing,
    leaves_by_goal,
    travel,
)
from engine.machines.mending import Done, Order, mend
from engine.machines.plan import Plan
from engine.rules import Facts
from engine.services.asides import is_arriving, waits_until
from engine.services.change_writing import TELLS_NOTHING, TOUCH_NO_FIELD, write_changes
from engine.services.changes.announcing import Announcer, NewRecord
from engine.services.changes.causes import NO_CHAIN, Cause, Chain, chain_behind, merged
from engine.services.changes.run_events import lines_of, moments_of, own_events, tell
from engine.services.deciding.asked import AskedRun, Begun, Decider
from engine.services.goals.arms import write_arms
from engine.steps.moves import AddToScore, Change, SetFields
from engine.steps.questions import EnterFlow, Question, Verdict, writes_deals

log = logging.getLogger(__name__)

# What a single run's values can do to the statement that writes a thousand. Anything else (a lost
# connection, a deadlock, a missing column) is nobody's fault in particular and is raised.
UNWRITABLE = (DataError, IntegrityError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Written:
    """What is to be done after the commit: effect shards with work, and the soonest due times.

    `asked` is how many effects were written for those shards; `reopened` is how many that were
    taken are to be looked at again later, by their driver. `partitions` have events of the records
    that were changed.
    """

    perform_shards: frozenset[int] = frozenset()
    dues: Mapping[tuple[int, int], datetime] = field(default_factory=dict)
    moved: int = 0
    asked: int = 0
    reopened: int = 0
    partitions: frozenset[int] = frozenset()


def standing_of(row: StandingRow) -> Standing:
    return Standing(
        node=row.node,
        visit=row.visit,
        state=row.state,  # type: ignore[arg-type]  # the column holds these three words
        arriving=is_arriving(row),
        memo=row.memo.get("step", NOTHING),
        visits=row.memo.get("visits", NOTHING),
        due_at=waits_until(row),
        listens=tuple(row.listens),
    )


@dataclass(slots=True)
class _Travelled:
    row: StandingRow
    plan: Plan
    passage: Passage
    passages: list[Passage]
    # What led to the events that the run was told of; None when only its time has come.
    behind: Chain | None = None


@dataclass(slots=True)
class Ledger:
    """Passes of one transaction. A run may pass several times; each pass starts where it stood."""

    now: datetime
    default_zone: str
    effect_shards: int
    slot: int
    announcer: Announcer | None = None
    # What the time is by now; `now` when None.
    clock: Callable[[], datetime] | None = None
    # Who answers what steps ask of our records; without it a run that asks is held.
    deciding: Decider | None = None
    # By flow, the nodes that nobody may begin now; whoever asks what is paused puts it in.
    paused_nodes: Mapping[int, frozenset[str]] = field(default_factory=dict)
    _pausing: dict[int, Plan] = field(default_factory=dict)
    _runs: dict[int, _Travelled] = field(default_factory=dict)
    _holds: bool = False
    _begun: Begun = field(default_factory=Begun)
    _made: list[NewRecord] = field(default_factory=list)
    # Who did what arms of splits are compared by, beside what the runs here did.
    reached: list[ReachedBy] = field(default_factory=list)

    def zone_of(self, row: StandingRow) -> str:
        """The contact's zone; the default one where none is known, or none that exists."""
        return row.time_zone if row.time_zone and is_zone(row.time_zone) else self.default_zone

    def standing(self, row: StandingRow) -> Standing:
        """Where the run stands after the passes so far."""
        known = self._runs.get(row.id)
        return known.passage.standing if known else standing_of(row)

    def move(self, row: StandingRow, plan: Plan, happening: Happening, facts: Facts) -> Standing:
        """One pass of one run. A fault in a step holds that run and leaves the others alone.

        A run that is over or held stays as it is, whatever happens to it.
        """
        standing = self.standing(row)
        if standing.state != "active" and not leaves_by_goal(standing.state, happening):
            return standing
        try:
            passage = travel(
                self._with_pauses(row, plan),
                standing,
                happening,
                facts,
                subject_id=row.subject_id,
                now=self.now,
                zone=self.zone_of(row),
            )
        except Exception:  # one poisoned run must not stop the thousand beside it
            log.exception("run %s failed on node %s and is held", row.id, standing.node)
            passage = _held_for_fault(standing, self.now)
        self._keep(row, plan, passage, facts.get("event"))
        return passage.standing

    def mend(
        self, row: StandingRow, plan: Plan, order: Order, facts: Facts, done: Done, by: str
    ) -> None:
        """Carry out what a person decided about a run; a fault holds it again."""
        standing = self.standing(row)
        try:
            passage = mend(
                self._with_pauses(row, plan),
                standing,
                order,
                facts,
                done=done,
                by=by,
                subject_id=row.subject_id,
                now=self.now,
                zone=self.zone_of(row),
            )
        except Exception:  # one poisoned run must not stop the thousand beside it
            log.exception("run %s failed on node %s and is held", row.id, standing.node)
            passage = _held_for_fault(standing, self.now)
        self._keep(row, plan, passage)

    def _with_pauses(self, row: StandingRow, plan: Plan) -> Plan:
        nodes = self.paused_nodes.get(row.flow_id)
        if not nodes:
            return plan
        known = self._pausing.get(row.flow_version_id)
        if known is None:
            known = self._pausing[row.flow_version_id] = plan.pausing(nodes)
        return known

    def rest(self, row: StandingRow, plan: Plan) -> None:
        """Write the run down where it stands: what was set aside for it has been dealt with."""
        if row.id not in self._runs:
            self._keep(row, plan, Passage(standing_of(row)))

    def _keep(
        self, row: StandingRow, plan: Plan, passage: Passage, event: Mapping[str, Any] | None = None
    ) -> None:
        known = self._runs.get(row.id)
        if known is None:
            known = self._runs[row.id] = _Travelled(row, plan, passage, [passage])
        else:
            known.passage = passage
            known.passages.append(passage)
        if event is not None:
            behind = chain_behind(event["source"], event["properties"])
            known.behind = merged([known.behind or NO_CHAIN, behind])

    async def hold(self, session: AsyncSession, beside: Collection[int] = ()) -> None:
        """Hold the contacts that `write` will change, together with those `beside` them that the
        caller changes: one statement, in the order of ids. Nobody moves after this."""
        await self._enter_flows(session)
        asking = {one.contact_id for one in self._asked()}
        changed = [
            (row, change)
            for row, change in _changes(list(self._runs.values()))
            if not isinstance(change, TOUCH_NO_FIELD)
        ]
        scored = {row.subject_id for row, one in changed if isinstance(one, AddToScore)}
        if scored:
            await hold_default_scores(session, scored)
        if any(writes_deals(one.question) for one in self._asked()):
            # a trigger of deals takes it, and whoever waits for it must not hold contacts
            await share_fact_borders(session)
        mine = {row.subject_id for row, _ in changed}
        await record_changes.hold_contacts(session, mine | asking | {*beside})
        tags = {t for _, one in changed if isinstance(one, SetFields) for t in one.add_tags}
        await record_changes.make_tags(session, tags)
        self._holds = True

    async def write(self, session: AsyncSession) -> Written:
        """Write everything. Counters go last: their rows are the only ones many writers share."""
        if not self._holds:
            await self.hold(session)
        await self._decide(session)
        runs = list(self._runs.values())
        self._made += await self._write(session, runs)
        partitions = await self._announce(session, runs) | self._begun.partitions
        await write_arms(session, runs, self.reached, self.now)
        await add_counts(session, _counts(runs), self.slot)
        asking = [self._shard(run, p.asked) for run in runs for p in run.passages if p.asked]
        dues = self._dues()
        return Written(frozenset(asking), dues, len(runs), len(asking), partitions=partitions)

    def _asked(self) -> list[AskedRun[Question]]:
        """The questions that are open, with their runs."""
        return [
            AskedRun(
                run.row.id,
                run.row.subject_id,
                run.plan.flow.name,
                run.passage.standing.node,
                run.passage.standing.visit,
                self.zone_of(run.row),
                run.passage.question,
                run.behind,
            )
            for run in self._runs.values()
            if run.passage.question is not None
        ]

    async def _enter_flows(self, session: AsyncSession) -> None:
        """Let those into other flows whose step says so: runs come before contacts."""
        asked = [one for one in self._asked() if isinstance(one.question, EnterFlow)]
        if asked and self.deciding is not None:
            self._tell_verdicts(
                await self.deciding.enter_flows(session, asked, self.now, self._begun)
            )

    async def _decide(self, session: AsyncSession) -> None:
        """Answer what is asked of our records, and let those who asked go on."""
        asked = self._asked()
        if asked and self.deciding is not None:
            verdicts = await self.deciding.decide(session, asked, self.now, self._begun)
            self._tell_verdicts(verdicts)
        for one in self._asked():
            run = self._runs[one.run_id]
            log.error("run %s asked our records and got no answer; it is held", one.run_id)
            self._keep(run.row, run.plan, _held_for_fault(run.passage.standing, self.now))

    def _tell_verdicts(self, verdicts: Mapping[int, Verdict]) -> None:
        for run_id, verdict in verdicts.items():
            run = self._runs[run_id]
            if verdict.deal_made is not None:
                self._made.append(NewRecord("deal", verdict.deal_made, run.row.subject_id))
            self.move(run.row, run.plan, Decided(verdict), {})

    async def _announce(self, session: AsyncSession, runs: Sequence[_Travelled]) -> frozenset[int]:
        """Tell of the records that these runs changed; see `engine.services.changes`."""
        changed = {row.id for row, one in _changes(runs) if not isinstance(one, TELLS_NOTHING)}
        changed |= {run.row.id for run in runs if any(p.question for p in run.passages)}
        if self.announcer is None or not changed:
            return frozenset()
        causes = [_cause(run) for run in runs if run.row.id in changed]
        announcer, made = self.announcer, self._made
        return await announcer.announce(session, self.now, created=made, causes=causes)

    async def _write(
        self, session: AsyncSession, runs: Sequence[_Travelled]
    ) -> Sequence[NewRecord]:
        """All in one go; the records it made. What the database refuses is halved until the run is
        found that cannot be written; that one is held, so that it does not stop the thousand beside
        it for ever."""
        if not runs:
            return ()
        try:
            async with session.begin_nested():
                return await self._put(session, runs)
        except UNWRITABLE:
            if len(runs) > 1:
                middle = len(runs) // 2
                first = await self._write(session, runs[:middle])
                return [*first, *await self._write(session, runs[middle:])]
            run = runs[0]
            log.exception("run %s cannot be written and is held", run.row.id)
            run.passage = _held_for_fault(standing_of(run.row), self.now)
            run.passages = [run.passage]
            return await self._put(session, runs)

    async def _put(self, session: AsyncSession, runs: Sequence[_Travelled]) -> Sequence[NewRecord]:
        await write_positions(session, [_position(run) for run in runs], self.now)
        asks = [ask for run in runs for ask in self._asks(run)]
        await insert_effects(session, asks, self.now)
        ended = [run.row.id for run in runs if run.passage.standing.state == "ended"]
        await cancel_pending(session, ended, self.now)
        made = await write_changes(session, _changes(runs), self.now)
        await self._tell_events(session, runs)
        return made

    async def _tell_events(self, session: AsyncSession, runs: Sequence[_Travelled]) -> None:
        """Make the events happen that these runs record, and those of the runs themselves that
        somebody wants to hear of."""
        if self.announcer is None:
            return
        events = [one for run in runs for one in own_events(_cause(run), run.passages)]
        moments = [one for run in runs for one in moments_of(_cause(run), run.passages)]
        if moments:
            interest = await self.announcer.interests.now(session)
            events += [one for one in moments if interest.wants_run(one.name, one.cause.flow)]
        await tell(session, events, self.now, self.announcer.partitions)
        self._begun.partitions |= lines_of(events, self.announcer.partitions)

    def _asks(self, run: _Travelled) -> list[NewEffect]:
        return [
            NewEffect(
                run_id=run.row.id,
                flow_id=run.row.flow_id,
                node=passage.asked.node,
                visit=passage.asked.visit,
                kind=passage.asked.kind,
                purpose=run.plan.flow.purpose.value,
                subject_id=run.row.subject_id,
                shard=self._shard(run, passage.asked),
                ask=dict(passage.asked.ask),
            )
            for passage in run.passages
            if passage.asked is not None
        ]

    def _shard(self, run: _Travelled, asked: Asked) -> int:
        """What may be slow is kept apart from what people wait for."""
        apart = APART_FROM if is_apart(asked.kind, asked.ask) else 0
        return run.row.id % self.effect_shards + apart

    def _dues(self) -> dict[tuple[int, int], datetime]:
        dues: dict[tuple[int, int], list[datetime]] = defaultdict(list)
        for run in self._runs.values():
            due = run.passage.standing.due_at
            if due is not None:
                dues[run.row.flow_id, run.row.shard].append(due)
        for key, due in self._begun.dues.items():
            dues[key].append(due)
        return {key: min(found) for key, found in dues.items()}


def _changes(runs: Sequence[_Travelled]) -> Iterator[tuple[StandingRow, Change]]:
    for run in runs:
        for passage in run.passages:
            for _, _, change in passage.changes:
                yield run.row, change


def _cause(run: _Travelled) -> Cause:
    return Cause(run.row.id, run.row.subject_id, run.plan.flow.name, run.behind)


def _counts(runs: Sequence[_Travelled]) -> dict[tuple[int, str, str], int]:
    return dict(
        Counter(
            (run.row.flow_version_id, node, exit_)
            for run in runs
            for passage in run.passages
            for node, exit_ in passage.counts
        )
    )


def _position(run: _Travelled) -> Position:
    standing = run.passage.standing
    memo: dict[str, Any] = {}
    if standing.memo:
        memo["step"] = dict(standing.memo)
    if standing.visits:
        memo["visits"] = dict(standing.visits)
    return Position(
        run_id=run.row.id,
        node=standing.node,
        visit=standing.visit,
        state=standing.state,
        memo=memo,
        due_at=standing.due_at,
        listens=standing.listens,
        happening={"what": "arrived"} if standing.arriving else None,
        outcome=standing.outcome,
        entries=[entry for passage in run.passages for entry in passage.entries],
    )


def _held_for_fault(standing: Standing, now: datetime) -> Passage:
    held = standing._replace(state="held", due_at=None, listens=(), outcome="internal_fault")
    passage = Passage(held)
    passage.note(
        now,
        "held",
        {
            "code": "internal_fault",
            "message": "A fault in Cadenza stopped this run here; nothing was done twice. The log "
            "names the fault. Retry the run after an upgrade.",
        },
    )
    return passage
