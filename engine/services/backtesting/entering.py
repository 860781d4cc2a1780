"""Who would have entered a flow: its rule asked at each knock with the facts of that moment, then
its entry policy."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.past import PastRun
from engine.dates.occasions import next_occasion
from engine.errors import LimitReached
from engine.flows.entry import EarlierRuns, admit
from engine.flows.triggers import DateTrigger
from engine.machines.plan import Plan
from engine.rules import Facts, Reads, union
from engine.services.backtesting.doors import knocks
from engine.services.backtesting.question import Entry, Knock, Question
from engine.services.due_dates.days_off import days_off_of
from engine.services.entries import ZONE, zone_of
from engine.services.facts_as_of import Moment, facts_at
from engine.simulate.arrivals import INSTANT, dates_watched, trigger_reads


@dataclass(slots=True)
class Entered:
    """One side's answer. `refused` are knocks that fit and that the entry policy turned away."""

    entries: list[Entry] = field(default_factory=list)
    refused: dict[tuple[int, datetime], str] = field(default_factory=dict)
    knocks: int = 0

    @property
    def people(self) -> set[int]:
        return {entry.contact_id for entry in self.entries}


@dataclass(frozen=True, slots=True)
class Deadline:
    """When the asking must be over, on the clock of the process."""

    question: Question
    ends: float

    @classmethod
    def of(cls, question: Question) -> Deadline:
        longest = question.longest
        seconds = float("inf") if longest is None else longest.total_seconds()
        return cls(question, time.monotonic() + seconds)

    def check(self) -> None:
        """Raises LimitReached when it has passed."""
        if time.monotonic() > self.ends:
            raise LimitReached(
                f"The backtest took longer than {self.question.longest}. Take a shorter stretch or "
                "a share of the contacts."
            )


async def entered(
    session: AsyncSession,
    plan: Plan,
    question: Question,
    runs: Sequence[PastRun],
    until: Deadline,
) -> Entered:
    """Everybody whom this plan would have let in. `runs` are those there were, of any version."""
    answer, watching = Entered(), _Watching(plan)
    fitting: list[tuple[Knock, str]] = []
    reads = reads_of(plan)
    async for page in knocks(session, plan.flow, question):
        until.check()
        answer.knocks += len(page)
        moments = {(knock.contact_id, knock.at) for knock in page}
        facts = await facts_at(session, moments, reads, clock=question.clock)
        # rules are pure computing: the event loop goes on beside them
        fitting += await asyncio.to_thread(watching.fitting, page, facts, question)
    await asyncio.to_thread(_admit, answer, plan, question, fitting, runs)
    return answer


def reads_of(plan: Plan) -> Reads:
    """What the trigger's rule, and whoever asks it in local time, must know."""
    rules = [plan.entry_rule.reads] if plan.entry_rule is not None else []
    return union([ZONE, trigger_reads(plan.flow.trigger), *rules])


@dataclass(slots=True)
class _Watching:
    """Asks the rule."""

    plan: Plan

    def fitting(
        self, page: Sequence[Knock], facts: Mapping[Moment, Facts], question: Question
    ) -> list[tuple[Knock, str]]:
        """Those of a page for whom the rule holds, each with their zone."""
        found = []
        for knock in page:
            known = facts.get((knock.contact_id, knock.at))
            if known is not None:
                zone = zone_of(known, question.default_zone)
                if self._fits(knock, known, zone, question):
                    found.append((knock, zone))
        return found

    def _fits(self, knock: Knock, known: Facts, zone: str, question: Question) -> bool:
        plan, trigger = self.plan, self.plan.flow.trigger
        seen = known if knock.event is None else {**known, "event": knock.event}
        holds = plan.entry_rule is None or plan.entry_rule.holds(seen, knock.at, zone)
        if isinstance(trigger, DateTrigger):
            return holds and _had_this_date(trigger, knock, known, zone, question)
        return holds


def _had_this_date(
    trigger: DateTrigger, knock: Knock, known: Facts, zone: str, question: Question
) -> bool:
    rule = trigger.date_rule()
    for record_id, one in dates_watched(trigger, known, zone):
        source = trigger.field if record_id is None else f"{trigger.field}:{record_id}"
        found = next_occasion(rule, one, knock.at - INSTANT, question.default_zone, days_off_of)
        if found is None or found.due != knock.at:
            continue
        if knock.occasion == f"date:{source}:{found.name}":
            return True
    return False


def _admit(
    answer: Entered,
    plan: Plan,
    question: Question,
    fitting: Sequence[tuple[Knock, str]],
    runs: Sequence[PastRun],
) -> None:
    """Let in whom the policy allows, in the order of time; each key once for each person."""
    history = _History.before(question.since, runs)
    # pages of contacts come one contact after the other
    for knock, zone in sorted(fitting, key=lambda one: one[0].at):
        admission = admit(
            plan.flow.entry,
            occasion=knock.occasion,
            event=knock.event,
            earlier=history.earlier(knock.contact_id, knock.at),
            now=knock.at,
            zone=zone,
            late_by=plan.flow.trigger.late_by,
        )
        if history.lets_in(knock.contact_id, admission.key, knock.at):
            answer.entries.append(Entry(knock.contact_id, knock.at, str(admission.key), knock))
        else:
            reason = admission.why.get("reason", "entered_before")
            answer.refused[knock.contact_id, knock.at] = str(reason)


@dataclass(slots=True)
class _History:
    """What each contact has done in the flow: real runs before the stretch, imagined ones in it.

    Nobody knows how long an imagined run lasts: it is taken to last as long as half of the flow's
    real runs did.
    """

    stay: timedelta
    _keys: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    _times: dict[int, list[tuple[datetime, datetime]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    @classmethod
    def before(cls, since: datetime, runs: Iterable[PastRun]) -> _History:
        known = list(runs)
        history = cls(usual_stay(known))
        for run in known:
            if run.entered_at < since:
                history._keys[run.contact_id].add(run.entry_key)
                over = run.ended_at or datetime.max.replace(tzinfo=since.tzinfo)
                history._times[run.contact_id].append((run.entered_at, over))
        return history

    def earlier(self, contact_id: int, now: datetime) -> EarlierRuns:
        times = self._times.get(contact_id, ())
        inside = sum(over > now for _, over in times)
        return EarlierRuns(len(times), inside, max((at for at, _ in times), default=None))

    def lets_in(self, contact_id: int, key: str | None, now: datetime) -> bool:
        if key is None or key in self._keys[contact_id]:
            return False
        self._keys[contact_id].add(key)
        self._times[contact_id].append((now, now + self.stay))
        return True


def usual_stay(runs: Sequence[PastRun]) -> timedelta:
    """How long half of the runs that are over lasted; nothing where none is."""
    stays = sorted(run.ended_at - run.entered_at for run in runs if run.ended_at is not None)
    return stays[len(stays) // 2] if stays else timedelta()


def really(runs: Iterable[PastRun], question: Question) -> Entered:
    """The runs that were entered in the stretch, as the other side of a comparison."""
    return Entered(
        [
            Entry(run.contact_id, run.entered_at, run.entry_key)
            for run in runs
            if run.entered_at >= question.since
        ]
    )
