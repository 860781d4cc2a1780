"""A flow on a virtual clock: the same plan and the same machine that move people for real.

What a driver does in transactions happens here in memory, one person's moment after another. Chance
comes from a seed, so the same question has the same answer.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from engine.effects import Outcome, Receipt
from engine.flows.entry import EarlierRuns, admit
from engine.flows.holdout import is_held_out
from engine.machines.journey import (
    Answered,
    Due,
    Entered,
    EventHappened,
    Happening,
    start,
    travel,
)
from engine.machines.plan import Plan
from engine.rules import Facts
from engine.simulate.changing import change
from engine.simulate.clock import Agenda
from engine.simulate.people import Habit, Occurrence, Person
from engine.simulate.trace import Journey, Sent, Trace

HELD_OUT = "holdout"
CONTACT_UPDATED = "Contact Updated"


def simulate(
    plan: Plan,
    people: Iterable[Person],
    *,
    start_at: datetime,
    lasts: timedelta,
    occurrences: Iterable[Occurrence] = (),
    habits: Sequence[Habit] = (),
    seed: str = "1",
) -> Trace:
    """Everything that happens in a flow from `start_at` until `lasts` later.

    Who matches a segment trigger enters at the start; an event trigger lets people in as their
    occurrences come. A manual flow is entered by everybody at the start. The people's facts are
    changed in place: give each simulation its own.
    """
    until = start_at + lasts
    simulation = _Simulation(plan, {person.id: person for person in people}, tuple(habits), seed)
    simulation.let_audience_in(start_at)
    for occurrence in sorted(occurrences):
        simulation.agenda.note(occurrence)
    while (following := simulation.agenda.take(until)) is not None:
        at, what = following
        if isinstance(what, Occurrence):
            simulation.hear(what)
        else:
            simulation.move(what[0], _due(what[0]), at)
    return Trace(plan, start_at, until, simulation.journeys, simulation.counts)


def _due(journey: Journey) -> Happening:
    return Entered() if journey.standing.arriving else Due()


@dataclass(slots=True)
class _Simulation:
    plan: Plan
    people: dict[int, Person]
    habits: tuple[Habit, ...]
    seed: str
    agenda: Agenda = field(default_factory=Agenda)
    journeys: list[Journey] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    heard: int = 0
    _of_person: dict[int, list[Journey]] = field(default_factory=lambda: defaultdict(list))

    @property
    def _hears_of_changes(self) -> bool:
        """Whether anybody waits for a change; nobody else tells of one."""
        trigger = self.plan.flow.trigger
        return CONTACT_UPDATED in self.plan.listens or trigger.starts_on == CONTACT_UPDATED

    def let_audience_in(self, now: datetime) -> None:
        if self.plan.flow.trigger.starts_on is not None:
            return
        rule = self.plan.entry_rule
        for person in self.people.values():
            if rule is None or rule.holds(person.facts, now, person.zone):
                journey = self._enter(person, "audience:1", None, now)
                if journey is not None:
                    self._move(journey, Entered({"by": "audience"}, first=True), person.facts, now)

    def hear(self, occurrence: Occurrence) -> None:
        """What dispatch does with an event: exits, waits and entries, in this order."""
        person = self.people.get(occurrence.person_id)
        if person is None:
            return
        self.heard += 1
        event = occurrence.as_event()
        _remember(person, event)
        facts = {**person.facts, "event": event}
        inside = [j for j in self._of_person[person.id] if j.standing.state == "active"]
        for journey in inside:
            self._tell(journey, person, event, facts, occurrence.at)
        if occurrence.name == self.plan.flow.trigger.starts_on:
            self._let_in(person, event, facts, occurrence)

    def _tell(
        self,
        journey: Journey,
        person: Person,
        event: dict[str, Any],
        facts: Facts,
        now: datetime,
    ) -> None:
        exit_rule = self.plan.exit_rule
        if event["name"] in journey.standing.listens:
            self._move(journey, EventHappened(event), facts, now)
        elif exit_rule is not None and exit_rule.holds(facts, now, person.zone):
            self._move(journey, Due(), facts, now)

    def _let_in(
        self, person: Person, event: dict[str, Any], facts: Facts, occurrence: Occurrence
    ) -> None:
        rule, now = self.plan.entry_rule, occurrence.at
        if rule is not None and not rule.holds(facts, now, person.zone):
            return
        journey = self._enter(person, f"event:{self.heard}", event, now)
        if journey is not None:
            why = {"by": "event", "event": occurrence.name}
            self._move(journey, Entered(why, first=True), facts, now)

    def _enter(
        self, person: Person, occasion: str, event: dict[str, Any] | None, now: datetime
    ) -> Journey | None:
        """A new journey; None when the entry policy refuses it, or for the holdout."""
        flow, before = self.plan.flow, self._of_person[person.id]
        admission = admit(
            flow.entry,
            occasion=occasion,
            event=event,
            earlier=_earlier(before),
            now=now,
            zone=person.zone,
        )
        key = admission.key
        if key is None or any(journey.entry_key == key for journey in before):
            return None
        standing = start(self.plan)
        held_out = is_held_out(flow.name, person.id, flow.holdout_percent)
        if held_out:
            standing = standing._replace(state="ended", outcome=HELD_OUT, arriving=False)
        journey = Journey(person.id, person.zone, key, now, standing, held_out)
        before.append(journey)
        self.journeys.append(journey)
        return None if held_out else journey

    def move(self, journey: Journey, happening: Happening, now: datetime) -> None:
        self._move(journey, happening, self.people[journey.person_id].facts, now)

    def _move(self, journey: Journey, happening: Happening, facts: Facts, now: datetime) -> None:
        """Pass after pass, as long as there is something to do at this very moment."""
        person = self.people[journey.person_id]
        following: Happening | None = happening
        while following is not None:
            following = self._pass(journey, person, following, facts, now)
            # a pass after a change or an answer is the driver's, which knows no event
            facts = person.facts

    def _pass(
        self, journey: Journey, person: Person, happening: Happening, facts: Facts, now: datetime
    ) -> Happening | None:
        passage = travel(
            self.plan,
            journey.standing,
            happening,
            facts,
            subject_id=person.id,
            now=now,
            zone=person.zone,
        )
        journey.passes += 1
        journey.standing = standing = passage.standing
        journey.entries += passage.entries
        self.counts.update(passage.counts)
        told: dict[str, Any] = {}
        for _, _, one in passage.changes:
            told |= change(person.facts, one)
        if told and self._hears_of_changes:
            self.agenda.note(Occurrence(now, person.id, CONTACT_UPDATED, _changed(person, told)))
        if passage.asked is not None:
            return Answered(self._answer(journey, person, passage.asked.ask, now))
        if standing.state == "active" and standing.arriving:
            return Entered()
        if standing.state == "active" and standing.due_at is not None:
            self.agenda.note_due(standing.due_at, journey)
        return None

    def _answer(self, journey: Journey, person: Person, ask: Any, now: datetime) -> Receipt:
        receipt = person.receipt(self.plan.flow.purpose.value)
        if receipt.outcome is Outcome.DONE and "template" in ask:
            sent = Sent(now, person.id, journey.standing.node, str(ask["template"]))
            journey.sent.append(sent)
            self._follow_habits(person, now)
        return receipt

    def _follow_habits(self, person: Person, sent_at: datetime) -> None:
        for habit in self.habits:
            done = habit.after(sent_at, person.id, self.seed)
            if done is not None:
                self.agenda.note(done)


def _changed(person: Person, changes: dict[str, Any]) -> dict[str, Any]:
    return {"record": "contact", "record_id": person.id, "changes": changes}


def _earlier(journeys: Collection[Journey]) -> EarlierRuns:
    return EarlierRuns(
        len(journeys),
        sum(journey.standing.state != "ended" for journey in journeys),
        max((journey.entered_at for journey in journeys), default=None),
    )


def _remember(person: Person, event: dict[str, Any]) -> None:
    """Rules that count events see this one too, where the person's events are known at all."""
    events = person.facts.get("events")
    if events is not None:
        events.append(event)
