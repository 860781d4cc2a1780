"""Moving runs: the journey machine asked for many runs, and its answers written in one go.

Whoever moves runs (due times, events, answers of effects) collects passes in a `Ledger` and writes
it once, at the end of the transaction that locked the rows: positions, asks, record changes,
journal and counters are there together or not at all.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import record_changes
from crm_store.base import folded
from crm_store.effects import NewEffect, cancel_pending, insert_effects
from crm_store.runs import Position, StandingRow, add_counts, write_positions
from engine.machines.journey import NOTHING, Entered, Happening, Passage, Standing, travel
from engine.machines.plan import Plan
from engine.rules import Facts
from engine.steps.moves import AddTask, SetFields

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Written:
    """What is to be done after the commit: effect shards with work, and the soonest due times."""

    perform_shards: frozenset[int] = frozenset()
    dues: Mapping[tuple[int, int], datetime] = field(default_factory=dict)
    moved: int = 0


def standing_of(row: StandingRow) -> Standing:
    return Standing(
        node=row.node,
        visit=row.visit,
        state=row.state,  # type: ignore[arg-type]  # the column holds these three words
        arriving=row.happening is not None,
        memo=row.memo.get("step", NOTHING),
        visits=row.memo.get("visits", NOTHING),
        due_at=row.due_at,
        listens=tuple(row.listens),
    )


def happening_of(row: StandingRow) -> Entered:
    """What a row says has still to be told to its step."""
    pending = dict(row.happening or {})
    return Entered(why=pending.get("why", {}), first=pending.get("what") == "entered")


@dataclass(slots=True)
class _Travelled:
    row: StandingRow
    plan: Plan
    passage: Passage
    passages: list[Passage]


@dataclass(slots=True)
class Ledger:
    """Passes of one transaction. A run may pass several times; each pass starts where it stood."""

    now: datetime
    default_zone: str
    effect_shards: int
    slot: int
    _runs: dict[int, _Travelled] = field(default_factory=dict)
    _tasks: list[record_changes.NewTask] = field(default_factory=list)
    _fields: dict[str, tuple[SetFields, set[int]]] = field(default_factory=dict)

    def standing(self, row: StandingRow) -> Standing:
        """Where the run stands after the passes so far."""
        known = self._runs.get(row.id)
        return known.passage.standing if known else standing_of(row)

    def move(self, row: StandingRow, plan: Plan, happening: Happening, facts: Facts) -> Standing:
        """One pass of one run. A fault in a step holds that run and leaves the others alone."""
        standing = self.standing(row)
        try:
            passage = travel(
                plan,
                standing,
                happening,
                facts,
                subject_id=row.subject_id,
                now=self.now,
                zone=row.time_zone or self.default_zone,
            )
        except Exception:  # one poisoned run must not stop the thousand beside it
            log.exception("run %s failed on node %s and is held", row.id, standing.node)
            passage = _held_for_fault(standing, self.now)
        self._keep(row, plan, passage)
        self._take_changes(row, passage)
        return passage.standing

    def _keep(self, row: StandingRow, plan: Plan, passage: Passage) -> None:
        known = self._runs.get(row.id)
        if known is None:
            self._runs[row.id] = _Travelled(row, plan, passage, [passage])
        else:
            known.passage = passage
            known.passages.append(passage)

    def _take_changes(self, row: StandingRow, passage: Passage) -> None:
        for _, _, change in passage.changes:
            match change:
                case AddTask():
                    owner = None if change.assign_to == "owner" else folded(change.assign_to)
                    self._tasks.append(
                        record_changes.NewTask(
                            row.subject_id, row.id, change.title, change.body, change.due_at, owner
                        )
                    )
                case SetFields():
                    alike = self._fields.setdefault(repr(change), (change, set()))
                    alike[1].add(row.subject_id)

    async def write(self, session: AsyncSession) -> Written:
        """Write everything. Counters go last: their rows are the only ones many writers share."""
        await write_positions(session, [_position(run) for run in self._runs.values()], self.now)
        asks = [ask for run in self._runs.values() for ask in self._asks(run)]
        await insert_effects(session, asks, self.now)
        ended = [id_ for id_, run in self._runs.items() if run.passage.standing.state == "ended"]
        await cancel_pending(session, ended, self.now)
        await self._write_changes(session)
        await add_counts(session, self._counts(), self.slot)
        return Written(frozenset(ask.shard for ask in asks), self._dues(), len(self._runs))

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
                shard=run.row.id % self.effect_shards,
                ask=dict(passage.asked.ask),
            )
            for passage in run.passages
            if passage.asked is not None
        ]

    async def _write_changes(self, session: AsyncSession) -> None:
        for change, contacts in self._fields.values():
            if change.values:
                await record_changes.set_fields(session, contacts, change.values, self.now)
            if change.add_tags:
                await record_changes.add_tags(session, contacts, change.add_tags)
            if change.remove_tags:
                await record_changes.remove_tags(session, contacts, change.remove_tags)
        await record_changes.add_tasks(session, self._tasks, self.now)

    def _counts(self) -> dict[tuple[int, str, str], int]:
        return dict(
            Counter(
                (run.row.flow_version_id, node, exit_)
                for run in self._runs.values()
                for passage in run.passages
                for node, exit_ in passage.counts
            )
        )

    def _dues(self) -> dict[tuple[int, int], datetime]:
        dues: dict[tuple[int, int], list[datetime]] = defaultdict(list)
        for run in self._runs.values():
            due = run.passage.standing.due_at
            if due is not None:
                dues[run.row.flow_id, run.row.shard].append(due)
        return {key: min(found) for key, found in dues.items()}


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
