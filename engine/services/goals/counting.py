"""Counting goals as events come: of people inside, of those whose run is over, of the holdout.

An event that no goal waits for costs a look into a table in memory. For the others one query finds
the runs of their contacts, whatever the number of runs that are over.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.events import add_events
from crm_store.goals import Reached, RunInReach, runs_in_reach, write_reached
from crm_store.splits import ReachedBy
from engine.flows.goal import reaches_goal
from engine.flows.triggers.flow import FLOW_KIND, GOAL_REACHED
from engine.machines.plan import Plan
from engine.rules import Facts, Reads, union
from engine.services.changes.announcing import Announcer
from engine.services.changes.causes import Chain, chain_behind, said_of
from engine.services.changes.said import SOURCE
from engine.services.goals.revenue import NOTHING, worth_of
from engine.services.goals.shelf import Counted

log = logging.getLogger(__name__)


class Happened(Protocol):
    """An event as dispatch reads it."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def contact_id(self) -> int: ...
    @property
    def properties(self) -> dict[str, Any]: ...
    @property
    def occurred_at(self) -> datetime: ...


class PlanBook(Protocol):
    """What of `Plans` is needed here."""

    async def plans(self, session: AsyncSession, version_ids: Any) -> dict[int, Plan]: ...


@dataclass(frozen=True, slots=True)
class _Hit:
    run: RunInReach
    plan: Plan
    event: Happened


@dataclass(slots=True)
class GoalCounting:
    """One batch of events: `concerning` before facts are loaded, `take` event by event, `write` at
    the end, with all others.
    """

    counted: Counted
    known: Mapping[int, Plan] = field(default_factory=dict)
    _runs: dict[int, list[RunInReach]] = field(default_factory=lambda: defaultdict(list))
    _hits: dict[int, _Hit] = field(default_factory=dict)
    _arms: list[ReachedBy] = field(default_factory=list)

    @classmethod
    async def concerning(
        cls, session: AsyncSession, plans: PlanBook, counted: Counted, events: Sequence[Happened]
    ) -> GoalCounting:
        """Find the runs whose goal these events may reach."""
        pairs = {
            (flow_id, event.contact_id)
            for event in events
            for flow_id in counted.goals.get(event.name, ())
        }
        runs = await runs_in_reach(session, pairs)
        known = await plans.plans(session, {run.flow_version_id for run in runs})
        found = cls(counted, known)
        found.join(runs, known)
        return found

    def join(self, runs: Iterable[RunInReach], known: Mapping[int, Plan]) -> None:
        """Mind more runs: those that have just begun."""
        self.known = {**self.known, **known}
        for run in runs:
            self._runs[run.subject_id].append(run)

    @property
    def reads(self) -> Reads:
        """What the goals' rules must know."""
        rules = [plan.goal_rule for plan in self.known.values() if plan.goal_rule is not None]
        return union([rule.reads for rule in rules])

    def take(
        self,
        event: Happened,
        facts: Facts,
        now: datetime,
        zone: str,
        among: frozenset[int] | None = None,
    ) -> list[RunInReach]:
        """Count the event; the runs that leave because of it. `among` are runs that have joined
        since the event was taken for all others.
        """
        if among is None:
            for flow_id, node in self.counted.arms.get(event.name, ()):
                self._arms.append(ReachedBy(flow_id, node, event.contact_id, event.occurred_at))
        if event.name not in self.counted.goals:
            return []
        leaving: list[RunInReach] = []
        for run in self._runs.get(event.contact_id, ()):
            plan = self.known.get(run.flow_version_id)
            if plan is None or run.id in self._hits or (among is not None and run.id not in among):
                continue
            if _reaches(run, plan, event, facts, now, zone):
                self._hits[run.id] = _Hit(run, plan, event)
                if plan.flow.goal is not None and plan.flow.goal.exits and run.state != "ended":
                    leaving.append(run)
        return leaving

    async def write(
        self, session: AsyncSession, announcer: Announcer | None, now: datetime, partition: int
    ) -> tuple[list[ReachedBy], bool]:
        """Count every run once. Returns what the arms of splits are to be told, which goes with the
        positions of runs, and whether an event was queued in the partition.
        """
        new = await write_reached(session, _with_worth(list(self._hits.values())))
        hits = [hit for run_id, hit in sorted(self._hits.items()) if run_id in new]
        arms = self._arms + [arm for hit in hits for arm in _arms_by_goal(hit)]
        return arms, await self._announce(session, announcer, hits, now, partition)

    async def _announce(
        self,
        session: AsyncSession,
        announcer: Announcer | None,
        hits: Sequence[_Hit],
        now: datetime,
        partition: int,
    ) -> bool:
        if announcer is None or not hits:
            return False
        interest = await announcer.interests.now(session)
        # whoever was held out gets nothing from flows that follow this one either
        wanted = [
            hit
            for hit in hits
            if not hit.run.held_out and interest.wants_run(GOAL_REACHED, hit.plan.flow.name)
        ]
        events = [_event(hit, partition) for hit in wanted]
        if events:
            # in order of contacts, so that two transactions reach their rows in one order
            await add_events(session, sorted(events, key=lambda one: one["contact_id"]), now)
        return bool(events)


def _reaches(
    run: RunInReach, plan: Plan, event: Happened, facts: Facts, now: datetime, zone: str
) -> bool:
    goal = plan.flow.goal
    if goal is None or not reaches_goal(
        goal, event.name, occurred_at=event.occurred_at, entered_at=run.entered_at, zone=zone
    ):
        return False
    try:
        return plan.goal_rule is None or plan.goal_rule.holds(facts, now, zone)
    except Exception:  # one poisoned rule must not stop the partition
        log.exception("the goal's rule of flow %s failed on event %s", plan.flow.name, event.id)
        return False


def _with_worth(hits: Sequence[_Hit]) -> list[Reached]:
    """An event that several runs of one contact in one flow reach is worth what it is worth once:
    the run that entered last has the amount.
    """
    last: dict[tuple[int, int, int], tuple[datetime, int]] = {}
    for hit in hits:
        key, entered = _key(hit), (hit.run.entered_at, hit.run.id)
        last[key] = max(last.get(key, entered), entered)
    return [_reached(hit, last[_key(hit)][1] == hit.run.id) for hit in hits]


def _key(hit: _Hit) -> tuple[int, int, int]:
    return hit.run.flow_id, hit.run.subject_id, hit.event.id


def _reached(hit: _Hit, has_amount: bool) -> Reached:
    goal, worth = hit.plan.flow.goal, NOTHING
    if has_amount and goal is not None:
        worth = worth_of(goal.revenue, hit.event)
    run = hit.run
    return Reached(run.id, run.flow_id, run.subject_id, hit.event.id, hit.event.occurred_at, *worth)


def _arms_by_goal(hit: _Hit) -> list[ReachedBy]:
    return [
        ReachedBy(hit.run.flow_id, node, hit.run.subject_id, hit.event.occurred_at)
        for node, split in hit.plan.contests.items()
        if split.winner is not None and split.winner.metric == "goal"
    ]


def _event(hit: _Hit, partition: int) -> dict[str, Any]:
    flow, event = hit.plan.flow.name, hit.event
    behind = chain_behind(event.source, event.properties)
    chain: Chain = {**behind, flow: behind.get(flow, 0) + 1}
    return {
        "source": SOURCE,
        "message_id": f"goal:{hit.run.id}",
        "kind": FLOW_KIND,
        "name": GOAL_REACHED,
        "contact_id": hit.run.subject_id,
        "properties": {"flow": flow, "run_id": hit.run.id, **said_of(chain)},
        "occurred_at": event.occurred_at,
        "partition": partition,
    }
