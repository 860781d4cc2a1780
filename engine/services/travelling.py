"""Moving runs: the journey machine asked for many runs, and its answers written in one go.

Whoever moves runs (due times, events, answers of effects) collects passes in a `Ledger` and writes
it once, at the end of the transaction that locked the rows: positions, asks, record changes,
journal and counters are there together or not at all.

Locks are taken in one order by everybody, so that nobody waits in a circle: runs, then scores,
then contacts by id, then counters. Effects that others may hold are never waited for while runs are
held.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import record_changes
from crm_store.base import folded
from crm_store.effects import NewEffect, cancel_pending, insert_effects
from crm_store.runs import Position, StandingRow, add_counts, write_positions
from crm_store.scores import adjust_default_scores, hold_default_scores
from engine.local_time import is_zone
from engine.machines.journey import NOTHING, Happening, Passage, Standing, travel
from engine.machines.mending import Done, Order, mend
from engine.machines.plan import Plan
from engine.rules import Facts
from engine.services.asides import is_arriving, waits_until
from engine.services.changes.announcing import Announcer
from engine.services.changes.causes import NO_CHAIN, Cause, Chain, chain_behind, merged
from engine.steps.moves import AddTask, AddToScore, Change, SetFields, SetOwnFields

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
    _runs: dict[int, _Travelled] = field(default_factory=dict)

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
        if standing.state != "active":
            return standing
        try:
            passage = travel(
                plan,
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
                plan,
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

    async def write(self, session: AsyncSession) -> Written:
        """Write everything. Counters go last: their rows are the only ones many writers share."""
        runs = list(self._runs.values())
        await self._hold_contacts(session, runs)
        await self._write(session, runs)
        partitions = await self._announce(session, runs)
        await add_counts(session, _counts(runs), self.slot)
        asking = [self._shard(run) for run in runs for p in run.passages if p.asked]
        dues = self._dues()
        return Written(frozenset(asking), dues, len(runs), len(asking), partitions=partitions)

    async def _announce(self, session: AsyncSession, runs: Sequence[_Travelled]) -> frozenset[int]:
        """Tell of the records that these runs changed; see `engine.services.changes`."""
        changed = {row.id for row, one in _changes(runs) if not isinstance(one, AddTask)}
        if self.announcer is None or not changed:
            return frozenset()
        causes = [
            Cause(run.row.id, run.row.subject_id, run.plan.flow.name, run.behind)
            for run in runs
            if run.row.id in changed
        ]
        return await self.announcer.announce(session, self.now, causes=causes)

    async def _write(self, session: AsyncSession, runs: Sequence[_Travelled]) -> None:
        """All in one go. What the database refuses is halved until the run is found that cannot be
        written; that one is held, so that it does not stop the thousand beside it for ever."""
        if not runs:
            return
        try:
            async with session.begin_nested():
                await self._put(session, runs)
        except UNWRITABLE:
            if len(runs) > 1:
                middle = len(runs) // 2
                await self._write(session, runs[:middle])
                await self._write(session, runs[middle:])
                return
            run = runs[0]
            log.exception("run %s cannot be written and is held", run.row.id)
            run.passage = _held_for_fault(standing_of(run.row), self.now)
            run.passages = [run.passage]
            await self._put(session, runs)

    async def _put(self, session: AsyncSession, runs: Sequence[_Travelled]) -> None:
        await write_positions(session, [_position(run) for run in runs], self.now)
        asks = [ask for run in runs for ask in self._asks(run)]
        await insert_effects(session, asks, self.now)
        ended = [run.row.id for run in runs if run.passage.standing.state == "ended"]
        await cancel_pending(session, ended, self.now)
        await self._write_changes(session, runs)

    async def _hold_contacts(self, session: AsyncSession, runs: Sequence[_Travelled]) -> None:
        changed = [
            (row, change)
            for row, change in _changes(runs)
            if isinstance(change, SetFields | SetOwnFields | AddToScore)
        ]
        scored = {row.subject_id for row, one in changed if isinstance(one, AddToScore)}
        if scored:
            await hold_default_scores(session, scored)
        await record_changes.hold_contacts(session, {row.subject_id for row, _ in changed})
        tags = {t for _, one in changed if isinstance(one, SetFields) for t in one.add_tags}
        await record_changes.make_tags(session, tags)

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
                shard=self._shard(run),
                ask=dict(passage.asked.ask),
            )
            for passage in run.passages
            if passage.asked is not None
        ]

    async def _write_changes(self, session: AsyncSession, runs: Sequence[_Travelled]) -> None:
        tasks: list[record_changes.NewTask] = []
        alike: dict[str, tuple[SetFields, set[int]]] = {}
        own: dict[int, dict[str, Any]] = defaultdict(dict)
        points: Counter[int] = Counter()
        for row, change in _changes(runs):
            match change:
                case AddTask():
                    tasks.append(_task(row, change))
                case SetFields():
                    alike.setdefault(repr(change), (change, set()))[1].add(row.subject_id)
                case SetOwnFields():
                    own[row.subject_id] |= change.values
                case AddToScore():
                    points[row.subject_id] += change.points
        for change, contacts in alike.values():
            if change.values:
                await record_changes.set_fields(session, contacts, change.values, self.now)
            if change.add_tags:
                await record_changes.add_tags(session, contacts, change.add_tags)
            if change.remove_tags:
                await record_changes.remove_tags(session, contacts, change.remove_tags)
        await record_changes.set_own_fields(session, own, self.now)
        if points:
            await record_changes.add_to_scores(session, points, self.now)
            await adjust_default_scores(session, points)
        await record_changes.add_tasks(session, tasks, self.now)

    def _shard(self, run: _Travelled) -> int:
        return run.row.id % self.effect_shards

    def _dues(self) -> dict[tuple[int, int], datetime]:
        dues: dict[tuple[int, int], list[datetime]] = defaultdict(list)
        for run in self._runs.values():
            due = run.passage.standing.due_at
            if due is not None:
                dues[run.row.flow_id, run.row.shard].append(due)
        return {key: min(found) for key, found in dues.items()}


def _changes(runs: Sequence[_Travelled]) -> Iterator[tuple[StandingRow, Change]]:
    for run in runs:
        for passage in run.passages:
            for _, _, change in passage.changes:
                yield run.row, change


def _task(row: StandingRow, task: AddTask) -> record_changes.NewTask:
    owner = None if task.assign_to == "owner" else folded(task.assign_to)
    return record_changes.NewTask(row.subject_id, row.id, task.title, task.body, task.due_at, owner)


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
