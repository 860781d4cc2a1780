"""What a backtest is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

from engine.services.facts_as_of import Clock

# With what the flow is compared: the version that is published now, or the runs there really were.
Against: TypeAlias = Literal["published", "life"]
LONGEST: Final = timedelta(days=1_100)
# So many times a rule is asked of a contact; a year of daily looks at 5,000 contacts is less.
MOST_LOOKS: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Question:
    """The stretch is from `since` until just before `until`.

    `clock` says when an event counts: when it was received, as in life, or when it occurred, for a
    history that was imported. `share` takes so many percent of the contacts, by `seed`. So many
    differences as `shown` are listed with reasons.
    """

    since: datetime
    until: datetime
    against: Against = "published"
    clock: Clock = "received"
    share: float = 100
    seed: str = "1"
    shown: int = 100
    default_zone: str = "UTC"
    # how long it may take; no limit when None
    longest: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Knock:
    """Somebody at the door of a flow: an event of theirs, their day, or a look at everybody."""

    contact_id: int
    at: datetime
    occasion: str
    event: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody who enters. `key` as in `engine.flows.entry`; a real run has no knock."""

    contact_id: int
    at: datetime
    key: str
    knock: Knock | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """Somebody only one side lets in. `reason` is a code; the sentences, by language, say what the
    rules read at that moment: of the side that lets in, and of the one that does not.
    """

    contact_id: int
    name: str
    at: datetime
    reason: str
    enters: Mapping[str, str] = field(default_factory=dict)
    stays_out: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Side:
    """What one side does: people, and times they enter."""

    people: int
    entries: int


@dataclass(frozen=True, slots=True)
class Limit:
    """Something the answer cannot know; `code` is stable."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`added` enter by the flow that is tried and not by the other side, `removed` the other way;
    both are cut at `question.shown`, their counts are not. `moved` enter on both sides, at other
    times.
    """

    flow: str
    question: Question
    tried: Side
    other: Side
    both: int
    moved: int
    added_count: int
    removed_count: int
    added: Sequence[Difference]
    removed: Sequence[Difference]
    knocks: int
    seconds: float
    limits: Sequence[Limit]
    by_day: Mapping[str, int] = field(default_factory=dict)
