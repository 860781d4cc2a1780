"""What a simulation is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Final

from engine.flows.triggers.own_events import KIND_OF_OURS
from engine.services.messages import SenderSettings
from engine.services.simulating.event_file import Line
from engine.services.simulating.letters import Letters
from engine.services.templates import TemplateLibrary
from engine.simulate import Habit, Occurrence, Trace
from engine.simulate.arbiter import HouseRules, Window
from engine.simulate.surroundings import Approvals

LONGEST_DAYS: Final = 1_100
MOST_PEOPLE: Final = 100_000
# When people may be written to where nothing else is said.
USUAL_HOURS: Final = Window(time(8), time(21))


@dataclass(frozen=True, slots=True)
class Office:
    """What writing real messages takes."""

    library: TemplateLibrary
    sender: SenderSettings


@dataclass(frozen=True, slots=True)
class Happens:
    """Something that happens to everybody who takes part, so long after the start."""

    after: timedelta
    event: str
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """What to try. `audience` is a saved segment and `rule` a rule; who takes part fulfils both.

    `only` narrows that to some contacts, whose every message is kept.
    Of them the first `people` by number, or as many drawn by `seed` when `sample`. Journals are
    kept of `listed` people, and of the first few. The messages of the first `rendered` people are
    really written, where there is an `office`. With `by_policy` messages wait as the sending policy
    says, and `house` does not count.
    """

    start_at: datetime
    days: int = 30
    people: int = 1_000
    rule: object = True
    audience: str | None = None
    only: Collection[int] = ()
    sample: bool = False
    lines: Sequence[Line] = ()
    habits: Sequence[Habit] = ()
    to_everybody: Sequence[Happens] = ()
    house: HouseRules | None = None
    by_policy: bool = False
    hours: Window = USUAL_HOURS
    approvals: Approvals = "approved"
    acknowledged: bool = True
    # everybody comes as if for the first time
    afresh: bool = False
    seed: str = "1"
    default_zone: str = "UTC"
    listed: Collection[int] = field(default_factory=tuple)
    first_listed: int = 20
    rendered: int = 100
    office: Office | None = None
    # how long it may take; no limit when None
    longest: timedelta | None = None

    def shared_occurrences(self, person_ids: Collection[int]) -> list[Occurrence]:
        """What happens to everybody, as it happens to each of them."""
        return [
            Occurrence(
                self.start_at + one.after,
                person_id,
                one.event,
                one.properties,
                KIND_OF_OURS.get(one.event, "track"),
            )
            for one in self.to_everybody
            for person_id in sorted(person_ids)
        ]


@dataclass(frozen=True, slots=True)
class Simulated:
    """`people` took part, `returning` of them with earlier runs; `listed` are those whose journals
    were kept; `strangers` is how many events of the file were of nobody who took part.
    """

    trace: Trace
    question: Question
    people: int
    listed: frozenset[int]
    strangers: int
    letters: Letters | None
    returning: int = 0
