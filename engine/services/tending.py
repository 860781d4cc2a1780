"""What the host of an open thing asks of whoever knows the thing: its time came, somebody answered.

Only the words are here, so that nobody imports in a circle; who does it is listed in
`engine.services.tenders`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from engine.services.work import Work


class ClockKind(StrEnum):
    """Things with a clock and a host of their own; the word begins the host's workflow id."""

    DEAL = "deal"
    APPROVAL = "approval"
    ESCALATION = "escalation"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True)
class Tended:
    """When it is to be looked at next; None: only people move it. `ended`: never again.

    It is written to the clock for the tender, who need not call `set_clocks` itself.
    """

    due: datetime | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody answered. `given` is JSON and may hold their words; `door` is "designer",
    "link", "api" ...; an `answer_id` is acted on once, whoever delivers it again gets the first
    outcome."""

    by_id: int
    verb: str
    given: Mapping[str, Any]
    door: str
    answer_id: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of an answer. `code` is stable ("accepted", or why not); `message` is for people;
    `details` are JSON. It is kept with the answer."""

    code: str
    message: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


# Called in a transaction when the time of the clock has come. It locks its own row, and may be
# called too early or twice: it decides by the state of the row. It raises nothing for what people
# did wrong; what it raises is tried again.
Tender: TypeAlias = "Callable[[Work, int], Awaitable[Tended]]"

# Called in a transaction, once for each answer id. A refusal (late, not theirs) is an `Answered`
# with a code of its own and is kept like any other; what it raises is tried again. It sets or ends
# the clock itself (`clocks.set_clocks`, `clocks.end_clocks`).
Answerer: TypeAlias = "Callable[[Work, int, Answer], Awaitable[Answered]]"

# The same for answers to different things, in one transaction; answers by thing. It leaves out what
# would have to wait for a lock, or touches what is locked in another order: those are acted on one
# by one. Nothing is written for what is left out.
Together: TypeAlias = "Callable[[Work, Mapping[int, Answer]], Awaitable[Mapping[int, Answered]]]"
