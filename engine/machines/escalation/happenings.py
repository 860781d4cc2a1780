"""What can happen to a case, and what follows from it."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from engine.escalations.targets import Found
from engine.escalations.urgency import Urgency
from engine.machines.escalation.state import HeldFor, Status


class Opened(NamedTuple):
    """The case begins."""


class TimeCame(NamedTuple):
    """Something may be due, or people may have come or gone. Too early, or twice, is harmless."""


class Acknowledged(NamedTuple):
    by: int


class Reassigned(NamedTuple):
    """`to` has it in hand from now on, whoever had it."""

    to: int
    by: int


class Paused(NamedTuple):
    """Somebody else's turn, such as the customer's: no time passes."""


class Resumed(NamedTuple):
    """The clocks go on with what was left."""


class Resolved(NamedTuple):
    """`by` None: what it was about is so no more."""

    by: int | None = None


Happening: TypeAlias = Opened | TimeCame | Acknowledged | Reassigned | Paused | Resumed | Resolved


class Tell(NamedTuple):
    """`level` counts from 0. `telling` counts how often the level was told in this round: 0 is the
    level itself, others are repeats or came after somebody let go of the case."""

    round: int
    level: int
    telling: int
    people: tuple[Found, ...]
    urgency: Urgency | None


class Skipped(NamedTuple):
    """Nobody of this level is there."""

    round: int
    level: int


class Held(NamedTuple):
    """Whoever runs this must see it. `level` is the one that nobody is there for."""

    reason: HeldFor
    level: int | None = None


class Taken(NamedTuple):
    """Somebody took it up; `given_by` is who gave it to them."""

    by: int
    given_by: int | None = None


class StoodIn(NamedTuple):
    """Whoever has it in hand is not there; `deputy` acts for them and must know of it."""

    by: int
    deputy: int


class Reopened(NamedTuple):
    """`by` has it in hand no more: their time is over, or they are not there and nobody stands in
    for them."""

    by: int
    why: Literal["expired", "away"]


class Over(NamedTuple):
    """The end, once."""

    status: Status
    by: int | None = None


Effect: TypeAlias = Tell | Skipped | Held | Taken | StoodIn | Reopened | Over
