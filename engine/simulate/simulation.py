"""A flow on a virtual clock: the same plan and the same machine that move people for real.

Chance comes from a seed, so the same question has the same answer.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Sequence
from datetime import datetime, timedelta

from engine.machines.plan import Plan
from engine.simulate.arrivals import Doors
from engine.simulate.life import Life, SimulationStopped
from engine.simulate.people import Habit, Occurrence, Person
from engine.simulate.surroundings import Surroundings
from engine.simulate.trace import Journey, Stopped, Trace


def simulate(
    plan: Plan,
    people: Iterable[Person],
    *,
    start_at: datetime,
    lasts: timedelta,
    occurrences: Iterable[Occurrence] = (),
    habits: Sequence[Habit] = (),
    seed: str = "1",
    around: Surroundings | None = None,
    journals_of: Container[int] | None = None,
    goes_on: Callable[[], bool] = lambda: True,
) -> Trace:
    """Everything that happens in a flow from `start_at` until `lasts` later.

    Who matches a segment trigger enters at the start; an event trigger lets people in as their
    occurrences come; dates and schedules on their days. A manual flow is entered by everybody at
    the start. The people's facts are changed in place: give each simulation its own.

    `around` replaces `habits` and `seed`. Journals are kept of everybody, or of `journals_of` only.
    `goes_on` is asked before every person and every few hundred steps; its False raises
    SimulationStopped. Whoever takes more steps than anybody reads is stopped: `Trace.stopped`.
    Raises Refused for a schedule that fires more often than can be looked at.
    """
    until = start_at + lasts
    surroundings = around or Surroundings(habits=tuple(habits), seed=seed)
    happening: dict[int, list[Occurrence]] = defaultdict(list)
    for occurrence in sorted(occurrences):
        happening[occurrence.person_id].append(occurrence)
    doors = Doors(
        plan.flow.trigger,
        start_at,
        until,
        default_zone=surroundings.default_zone,
        days_off=surroundings.days_off,
    )
    journeys: list[Journey] = []
    stopped: list[Stopped] = []
    counts: Counter[tuple[str, str]] = Counter()
    for person in people:
        if not goes_on():
            raise SimulationStopped
        keeps = journals_of is None or person.id in journals_of
        life = Life(plan, person, surroundings, keeps, goes_on=goes_on)
        for at, arrival in doors.of(person):
            life.agenda.note_arrival(at, arrival)
        for occurrence in happening.get(person.id, ()):
            life.agenda.note(occurrence)
        journeys += life.live(until)
        counts.update(life.tallies)
        if life.stopped is not None:
            stopped.append(life.stopped)
    journeys.sort(key=lambda journey: journey.entered_at)
    return Trace(plan, start_at, until, journeys, counts, stopped)
