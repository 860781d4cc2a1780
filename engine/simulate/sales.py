"""Deals on a virtual clock: which alerts and silences come due, and whom each reaches.

The machines of the product decide, with the published pipeline and policies. Deals move when they
are told to (as they did in the past) or by a time of the pipeline; rules that would move them by
themselves are not asked, because nobody knows their facts at another time. Nobody takes a case up:
it ends when its deal moves on.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Final, TypeAlias

from engine.escalations.policy import Policy
from engine.escalations.targets import Scene
from engine.machines import escalation, pipeline
from engine.machines.escalation import (
    CaseState,
    Held,
    HeldFor,
    Opened,
    Over,
    Resolved,
    Tell,
    TimeCame,
)
from engine.machines.pipeline import Deed, Stay
from engine.people import Directory
from engine.pipelines import PipelinePlan
from engine.pipelines.actions import Escalate, Notify
from engine.simulate.sales_report import Happened, SalesReport
from engine.working_time import WorkingCalendar

# Whom people written in a pipeline mean at a time: the texts, the owner, when.
Reach = Callable[[Iterable[str], int | None, datetime], Sequence[int]]
# A machine never asks to be looked at in the past; were it to, time would still go on.
_SOONEST: Final = timedelta(seconds=1)
_Kind: TypeAlias = int
_MOVE, _DEAL, _CASE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Step:
    """From this instant on the deal stands on this stage."""

    at: datetime
    stage: str


@dataclass(frozen=True, slots=True)
class Course:
    """A deal and where it goes, in order of time; `active_at` are its signs of life, in order."""

    deal_id: int
    name: str
    owner_id: int | None
    team: str | None
    steps: tuple[Step, ...]
    active_at: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class House:
    """What the machines are asked with. Calendars by name, the default one under "" as well."""

    plan: PipelinePlan
    policies: Mapping[str, Policy]
    directory: Directory
    calendars: Mapping[str, WorkingCalendar]
    zone: str
    reach: Reach


def simulate_sales(
    house: House, courses: Sequence[Course], start: datetime, until: datetime
) -> SalesReport:
    """What happens from `start` up to, not including, `until`; clocks of deals that stand somewhere
    already begin at `start`, as those of imported deals do."""
    run = _Run(house, start, until)
    for course in courses:
        run.add(course)
    return run.play(len(courses))


@dataclass(slots=True)
class _Deal:
    course: Course
    stay: Stay | None = None
    stage: str = ""
    revision: int = 0
    cases: dict[str, _Case] = field(default_factory=dict)


@dataclass(slots=True)
class _Case:
    name: str
    policy: Policy
    state: CaseState
    revision: int = 0


@dataclass(slots=True)
class _Run:
    house: House
    start: datetime
    until: datetime
    happened: list[Happened] = field(default_factory=list)
    _queue: list[tuple[datetime, _Kind, int, _Deal, str, int]] = field(default_factory=list)
    _order: count[int] = field(default_factory=count)

    def add(self, course: Course) -> None:
        deal = _Deal(course)
        for step in course.steps:
            self._push(max(step.at, self.start), _MOVE, deal, step.stage, 0)

    def play(self, deals: int) -> SalesReport:
        while self._queue and self._queue[0][0] < self.until:
            now, kind, _, deal, what, revision = heapq.heappop(self._queue)
            if kind == _MOVE:
                self._enter(deal, what, now)
            elif kind == _DEAL and deal.revision == revision:
                self._look(deal, now)
            elif kind == _CASE and what in deal.cases and deal.cases[what].revision == revision:
                self._proceed(deal, deal.cases[what], TimeCame(), now)
        return SalesReport(self.start, self.until, deals, tuple(self.happened))

    def _push(self, at: datetime, kind: _Kind, deal: _Deal, what: str, revision: int) -> None:
        heapq.heappush(self._queue, (at, kind, next(self._order), deal, what, revision))

    def _enter(self, deal: _Deal, stage: str, now: datetime) -> None:
        """Its cases are over, and its clocks begin anew."""
        for case in list(deal.cases.values()):
            self._proceed(deal, case, Resolved(None), now)
        deal.stage, deal.revision = stage, deal.revision + 1
        planned = self.house.plan.stages.get(stage)
        if planned is None or not planned.model.is_open:
            deal.stay = None
            return
        deal.stay = pipeline.begin(stage, now)
        self._look(deal, now)

    def _look(self, deal: _Deal, now: datetime) -> None:
        if deal.stay is None:
            return
        owner = deal.course.owner_id
        around = pipeline.Around(
            now, self._calendar(owner), self._zone(owner), _last(deal.course.active_at, now)
        )
        looked = pipeline.look(deal.stay, self.house.plan.stages[deal.stage], around)
        deal.stay = looked.stay
        for deed in looked.deeds:
            self._do(deal, deed, now)
        if looked.way is not None:
            self._note(now, deal, "moved_by_itself", (), looked.way.to)
            self._enter(deal, looked.way.to, now)
        elif looked.due is not None:
            deal.revision += 1
            self._push(max(looked.due, now + _SOONEST), _DEAL, deal, "", deal.revision)

    def _do(self, deal: _Deal, deed: Deed, now: datetime) -> None:
        people: list[int] = []
        for action in deed.actions:
            if isinstance(action, Notify):
                people += self.house.reach(action.to, deal.course.owner_id, now)
        self._note(now, deal, deed.trigger, tuple(dict.fromkeys(people)))
        for action in deed.actions:
            if isinstance(action, Escalate):
                self._escalate(deal, action.policy, now)

    def _escalate(self, deal: _Deal, name: str, now: datetime) -> None:
        """An open case of the same policy takes it in."""
        policy = self.house.policies.get(name)
        if policy is None:
            self._note(now, deal, "no_policy", (), name)
        elif name not in deal.cases:
            case = deal.cases[name] = _Case(name, policy, CaseState())
            self._proceed(deal, case, Opened(), now)

    def _proceed(
        self, deal: _Deal, case: _Case, happening: Opened | TimeCame | Resolved, now: datetime
    ) -> None:
        course = escalation.proceed(
            case.policy, case.state, happening, self._scene(deal, case.policy), now
        )
        case.state, case.revision = course.state, case.revision + 1
        for effect in course.effects:
            if isinstance(effect, Tell):
                people = tuple(one.user_id for one in effect.people)
                self._note(now, deal, "escalated", people, case.name, effect.level + 1)
            elif isinstance(effect, Held):
                left = effect.reason is HeldFor.UNANSWERED
                self._note(now, deal, "unanswered" if left else "held", (), case.name)
            elif isinstance(effect, Over) and isinstance(happening, TimeCame):
                self._note(now, deal, "unanswered", (), case.name)
        if course.state.status.ended:
            del deal.cases[case.name]
        elif course.due is not None:
            due = max(course.due, now + _SOONEST)
            self._push(due, _CASE, deal, case.name, case.revision)

    def _scene(self, deal: _Deal, policy: Policy) -> escalation.Around:
        house, course = self.house, deal.course
        rotations = dict(policy.rotations)
        for name, other in house.policies.items():
            rotations |= {f"{name}/{key}": turn for key, turn in other.rotations.items()}
        scene = Scene(house.directory, rotations, course.owner_id, course.team)
        return escalation.Around(scene, house.calendars, self._zone(course.owner_id))

    def _calendar(self, owner: int | None) -> WorkingCalendar | None:
        name = self.house.plan.model.calendar
        if name is None:
            name = "" if owner is None else self.house.directory.calendar_of(owner)
        return self.house.calendars.get(name) or self.house.calendars.get("")

    def _zone(self, owner: int | None) -> str:
        zone = self.house.zone
        return zone if owner is None else self.house.directory.zone_of(owner, zone)

    def _note(
        self,
        at: datetime,
        deal: _Deal,
        what: str,
        people: tuple[int, ...],
        about: str = "",
        level: int | None = None,
    ) -> None:
        self.happened.append(
            Happened(at, deal.course.deal_id, deal.stage, what, people, about, level)
        )


def _last(moments: Sequence[datetime], now: datetime) -> datetime | None:
    return max((one for one in moments if one <= now), default=None)
