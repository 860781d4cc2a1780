"""One person's time in a simulation: what the drivers do in transactions, one moment after another.

People of a simulation do not meet, so each of them is lived through alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from engine.effects import SEND_MESSAGE, Outcome, Receipt
from engine.flows.chains import MOST_TIMES, REMEMBERED_FOR
from engine.flows.entry import EarlierRuns, admit, looks_back
from engine.flows.goal import reaches_goal
from engine.flows.holdout import is_held_out
from engine.machines.journey import (
    Answered,
    Asked,
    Decided,
    Due,
    Entered,
    EventHappened,
    GoalReached,
    Happening,
    Passage,
    start,
    travel,
)
from engine.machines.plan import Plan
from engine.rules import Facts
from engine.simulate.changing import change
from engine.simulate.clock import Agenda, Arrival, Decision
from engine.simulate.people import Occurrence, Person
from engine.simulate.surroundings import Letter, Reply, Surroundings
from engine.simulate.trace import Deferred, Journey, Sent, Stopped
from engine.steps.moves import TellEvent
from engine.steps.questions import Verdict

HELD_OUT: Final = "holdout"
CONTACT_UPDATED: Final = "Contact Updated"
_DONE: Final = Reply()
# So many steps of one person make a way that nobody reads to its end.
MOST_STEPS: Final = 100_000
# Whether to go on is asked every so many steps (a power of two): asking costs as much as a few.
_LOOKS_UP: Final = 256
# No flow that is drawn by people takes so many looks' worth of steps without time going by.
_LOOKS_AT_ONE_MOMENT: Final = 4
# the same each time, and made at every wait
_ARRIVED: Final = Entered()
_DUE: Final = Due()


class SimulationStopped(Exception):
    """Somebody wanted no more of it."""


@dataclass(slots=True)
class Life:
    """`stopped` says that it was broken off, and why: see `Stopped`. SimulationStopped is raised
    when `goes_on` says no.
    """

    plan: Plan
    person: Person
    around: Surroundings
    keeps_journal: bool = True
    agenda: Agenda = field(default_factory=Agenda)
    journeys: list[Journey] = field(default_factory=list)
    # every (node, exit) on the way, as often as it was passed
    tallies: list[tuple[str, str]] = field(default_factory=list)
    heard: int = 0
    sent: int = 0
    goes_on: Callable[[], bool] = lambda: True
    stopped: Stopped | None = None
    _steps: int = 0
    # the moment of the last look up, and how many looks it has been the same
    _seen: tuple[datetime | None, int] = (None, 0)
    # those that have not ended, and a few that have
    _open: list[Journey] = field(default_factory=list)
    _keys: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._keys.update(self.person.entered_by)

    def live(self, until: datetime) -> list[Journey]:
        """Everything on the agenda, and what comes of it, before `until`."""
        while self.stopped is None and (following := self.agenda.take(until)) is not None:
            at, what = following
            self._step(at)
            match what:
                case (journey, _):
                    self._go_on(journey, at)
                case Occurrence():
                    self._hear(what)
                case Decision():
                    self._hear_decision(what, at)
                case Arrival():
                    self._arrive(what, at)
        return self.journeys

    def _step(self, at: datetime) -> None:
        self._steps += 1
        if not self._steps & (_LOOKS_UP - 1):
            self._look_up(at)

    def _look_up(self, at: datetime) -> None:
        if not self.goes_on():
            raise SimulationStopped
        seen, times = self._seen
        self._seen = (at, times + 1 if seen == at else 1)
        if self._seen[1] > _LOOKS_AT_ONE_MOMENT:
            self.stopped = Stopped(self.person.id, at, "too_much_at_once")
        elif self._steps >= MOST_STEPS:
            self.stopped = Stopped(self.person.id, at, "too_many_steps")

    def _inside(self) -> list[Journey]:
        self._open = [one for one in self._open if one.standing.state != "ended"]
        return self._open

    def _go_on(self, journey: Journey, at: datetime) -> None:
        happening: Happening | None
        if (waiting := journey.waiting_ask) is not None:
            journey.waiting_ask = None
            receipt = self._send(journey, waiting, at)
            happening = None if receipt is None else Answered(receipt)
        else:
            happening = _ARRIVED if journey.standing.arriving else _DUE
        if happening is not None:
            self._move(journey, happening, self.person.facts, at)

    def _hear_decision(self, one: Decision, at: datetime) -> None:
        standing = one.journey.standing
        if _waits_for(one) and standing.state == "active" and not standing.arriving:
            self._move(one.journey, Answered(one.receipt), self.person.facts, at)

    def _arrive(self, arrival: Arrival, now: datetime) -> None:
        rule, person = self.plan.entry_rule, self.person
        if rule is None or rule.holds(person.facts, now, person.zone):
            journey = self._enter(arrival.occasion, None, now)
            if journey is not None:
                self._move(journey, Entered(arrival.why, first=True), person.facts, now)

    def _hear(self, occurrence: Occurrence) -> None:
        """What dispatch does with an event: goals, exits, waits and entries, in this order."""
        self.heard += 1
        event, now = occurrence.as_event(), occurrence.at
        _remember(self.person, event)
        facts = {**self.person.facts, "event": event}
        inside = self._inside()
        leaving = self._reach_goals(occurrence, facts)
        for journey in inside:
            if any(journey is one for one in leaving):
                why = {"by": "event", "event": occurrence.name}
                self._move(journey, GoalReached(why), facts, now, occurrence.acted)
            elif journey.standing.state == "active":
                self._tell(journey, occurrence, event, facts)
        if occurrence.name == self.plan.flow.trigger.starts_on:
            self._let_in(event, facts, occurrence)

    def _tell(
        self, journey: Journey, occurrence: Occurrence, event: dict[str, Any], facts: Facts
    ) -> None:
        exit_rule, now, acted = self.plan.exit_rule, occurrence.at, occurrence.acted
        if occurrence.name in journey.standing.listens and acted < MOST_TIMES:
            self._move(journey, EventHappened(event), facts, now, acted)
        elif exit_rule is not None and exit_rule.holds(facts, now, self.person.zone):
            self._move(journey, _DUE, facts, now, acted)

    def _reach_goals(self, occurrence: Occurrence, facts: Facts) -> list[Journey]:
        """Count the event for every journey it is the goal of; those that leave by it."""
        goal, rule = self.plan.flow.goal, self.plan.goal_rule
        if goal is None or goal.event != occurrence.name:
            return []
        if rule is not None and not rule.holds(facts, occurrence.at, self.person.zone):
            return []
        reached = [
            journey
            for journey in self.journeys
            if journey.goal_at is None
            and reaches_goal(
                goal,
                occurrence.name,
                occurred_at=occurrence.at,
                entered_at=journey.entered_at,
                zone=journey.zone,
            )
        ]
        for journey in reached:
            journey.goal_at = occurrence.at
        return reached if goal.exits else []

    def _let_in(self, event: dict[str, Any], facts: Facts, occurrence: Occurrence) -> None:
        rule, now = self.plan.entry_rule, occurrence.at
        if occurrence.acted >= MOST_TIMES:
            # the flow wakes itself by what it does: it goes round no more often than in life
            return
        if rule is not None and not rule.holds(facts, now, self.person.zone):
            return
        journey = self._enter(f"event:{self.heard}", event, now)
        if journey is not None:
            journey.acted = occurrence.acted
            why = {"by": "event", "event": occurrence.name}
            self._move(journey, Entered(why, first=True), facts, now, occurrence.acted)

    def _enter(self, occasion: str, event: dict[str, Any] | None, now: datetime) -> Journey | None:
        """A new journey; None when the entry policy refuses it, or for the holdout."""
        flow, person = self.plan.flow, self.person
        admission = admit(
            flow.entry,
            occasion=occasion,
            event=event,
            earlier=self._earlier() if looks_back(flow.entry) else None,
            now=now,
            zone=person.zone,
            late_by=flow.trigger.late_by,
        )
        key = admission.key
        if key is None or key in self._keys:
            return None
        self._keys.add(key)
        standing = start(self.plan)
        held_out = is_held_out(flow.name, person.id, flow.holdout_percent)
        if held_out:
            standing = standing._replace(state="ended", outcome=HELD_OUT, arriving=False)
        journey = Journey(person.id, person.zone, key, now, standing, held_out)
        self.journeys.append(journey)
        if held_out:
            return None
        self._open.append(journey)
        return journey

    def _earlier(self) -> EarlierRuns:
        """What the person has done before the simulation, and in it."""
        before, own = self.person.earlier, self.journeys
        return EarlierRuns(
            before.count + len(own),
            before.unfinished + len(self._inside()),
            own[-1].entered_at if own else before.last_entered_at,
        )

    def _move(
        self,
        journey: Journey,
        happening: Happening,
        facts: Facts,
        now: datetime,
        acted: int | None = None,
    ) -> None:
        """Pass after pass, as long as there is something to do at this very moment. `acted` is how
        often the flow had acted on the way to what the journey is told; None: nobody tells it."""
        plan, person = self.plan, self.person
        following: Happening | None = happening
        while following is not None and self.stopped is None:
            self._step(now)
            passage = travel(
                plan,
                journey.standing,
                following,
                facts,
                subject_id=person.id,
                now=now,
                zone=person.zone,
                silent=not self.keeps_journal,
            )
            following = self._after(journey, passage, now, acted)
            if acted is not None and not isinstance(following, Decided):
                acted = None
            # a pass after a change or an answer is the driver's, which knows no event
            facts = person.facts

    def _after(
        self, journey: Journey, passage: Passage, now: datetime, acted: int | None
    ) -> Happening | None:
        journey.passes += 1
        journey.standing = standing = passage.standing
        if self.keeps_journal:
            journey.entries += passage.entries
        self.tallies += passage.counts
        if passage.changes:
            self._change(passage, now, 1 + (_chain_of(journey, now) if acted is None else acted))
        if passage.asked is not None:
            receipt = self._answer(journey, passage.asked, now)
            return None if receipt is None else Answered(receipt)
        if passage.question is not None:
            return Decided(self._verdict(standing.node))
        if standing.state != "active":
            return None
        if standing.arriving:
            return _ARRIVED
        if standing.due_at is not None:
            self.agenda.note_due(standing.due_at, journey)
        return None

    def _change(self, passage: Passage, now: datetime, acted: int) -> None:
        told: dict[str, Any] = {}
        for _, _, one in passage.changes:
            if isinstance(one, TellEvent):
                happened = Occurrence(now, self.person.id, one.name, one.properties, acted=acted)
                self.agenda.note(happened)
            else:
                told |= change(self.person.facts, one)
        if told and self._hears_of_changes:
            about = {"record": "contact", "record_id": self.person.id, "changes": told}
            happened = Occurrence(now, self.person.id, CONTACT_UPDATED, about, "record", acted)
            self.agenda.note(happened)

    @property
    def _hears_of_changes(self) -> bool:
        """Whether anybody waits for a change; nobody else tells of one."""
        plan = self.plan
        return CONTACT_UPDATED in plan.listens or plan.flow.trigger.starts_on == CONTACT_UPDATED

    def _verdict(self, node: str) -> Verdict:
        """Our records are taken to have what the step wants: it leaves by its first exit."""
        exits = self.plan.nodes[node].step.exit_names()
        return Verdict(exits[0], {"simulated": True})

    def _answer(self, journey: Journey, asked: Asked, now: datetime) -> Receipt | None:
        """What the world says at once; None when the answer comes later."""
        if asked.kind == SEND_MESSAGE.name:
            return self._send(journey, asked, now)
        answering = self.around.replies.get(asked.kind, _DONE)
        reply = answering if isinstance(answering, Reply) else answering(asked.ask)
        if reply.decision is not None:
            self.agenda.note_decision(now + reply.after, Decision(journey, asked, reply.decision))
        return reply.receipt

    def _send(self, journey: Journey, asked: Asked, now: datetime) -> Receipt | None:
        person, purpose = self.person, self.plan.flow.purpose.value
        receipt = person.receipt(purpose)
        if receipt.outcome is not Outcome.DONE:
            return receipt
        if self._deferred(journey, asked, now):
            return None
        template = str(asked.ask["template"])
        if (postman := self.around.postman) is not None:
            receipt = postman(Letter(person, asked.node, template, now))
        if receipt.outcome is Outcome.DONE:
            journey.sent.append(Sent(now, person.id, asked.node, template))
            self.sent += 1
            self._remember_message(template, now)
            for habit in self.around.habits:
                done = habit.after(now, person.id, self.sent, self.around.seed)
                if done is not None:
                    self.agenda.note(done)
        return receipt

    def _remember_message(self, template: str, now: datetime) -> None:
        """Rules that count messages see this one too, where those of the person are known."""
        messages = self.person.facts.get("messages")
        if messages is not None:
            flow = self.plan.flow
            messages.append(
                {
                    "state": "sent",
                    "template": template,
                    "channel": "email",
                    "purpose": flow.purpose.value,
                    "handed_over_at": now,
                    "flow": flow.name,
                }
            )

    def _deferred(self, journey: Journey, asked: Asked, now: datetime) -> bool:
        """Whether the arbiter lets the message wait; it is asked again when the time has come."""
        arbiter = self.around.arbiter
        if arbiter is None:
            return False
        earlier = [sent.at for one in self.journeys for sent in one.sent]
        ruling = arbiter.rule(self.plan.flow.purpose.value, now, self.person.zone, earlier)
        if ruling.until is None:
            return False
        reason = ruling.reason or "deferred"
        person_id, read = self.person.id, ruling.read
        journey.deferred.append(Deferred(now, ruling.until, person_id, asked.node, reason, read))
        journey.waiting_ask = asked
        self.agenda.note_due(ruling.until, journey)
        return True


def _waits_for(one: Decision) -> bool:
    """Whether the journey still stands where it asked."""
    standing, asked = one.journey.standing, one.asked
    return (standing.node, standing.visit) == (asked.node, asked.visit)


def _chain_of(journey: Journey, now: datetime) -> int:
    """How often the flow has acted behind a journey that nobody tells anything: by its entry."""
    return journey.acted if journey.entered_at > now - REMEMBERED_FOR else 0


def _remember(person: Person, event: Mapping[str, Any]) -> None:
    """Rules that count events see this one too, where the person's events are known at all."""
    events = person.facts.get("events")
    if events is not None:
        events.append(event)
