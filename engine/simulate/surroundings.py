"""What surrounds the people of a simulation: habits, the arbiter, and the world's answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

from engine.dates.days_off import WEEKENDS, DaysOff, DaysOffOf
from engine.effects import ESCALATE, REQUEST_APPROVAL, Outcome, Receipt
from engine.simulate.arbiter import Arbiter
from engine.simulate.people import DELIVERED, Habit, Person
from engine.steps.escalate import ACKNOWLEDGED, EXHAUSTED
from engine.steps.span_words import at_least, span_of

# The answer to one ask, as the step wrote it.
Answering: TypeAlias = Callable[[Mapping[str, Any]], "Reply"]
Approvals: TypeAlias = Literal["approved", "rejected", "timed_out"]
# How long people of a simulation take to decide or to acknowledge.
THINKING: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the world says to an ask: at once, and perhaps again when somebody has decided."""

    receipt: Receipt = DELIVERED
    decision: Receipt | None = None
    after: timedelta = THINKING


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that is about to be handed over."""

    person: Person
    node: str
    template: str
    at: datetime


# Makes the message; a receipt that is not "done" is what becomes of it instead.
Postman: TypeAlias = Callable[[Letter], Receipt]


def replies_of(
    approvals: Approvals = "approved", *, acknowledged: bool = True
) -> Mapping[str, Reply | Answering]:
    """How people answer: requests for approval and escalations, an hour after they were told.
    Whoever never answers lets the time run out that the step gives; by a policy of its own a case
    waits for ever.
    """
    decided = None if approvals == "timed_out" else Receipt(Outcome.DONE, approvals)
    return {
        REQUEST_APPROVAL.name: Reply(decision=decided),
        ESCALATE.name: _taken_up if acknowledged else _never_taken_up,
    }


def _taken_up(ask: Mapping[str, Any]) -> Reply:
    return Reply(
        decision=Receipt(Outcome.DONE, ACKNOWLEDGED), after=sum(_afters(ask)[:1], THINKING)
    )


def _never_taken_up(ask: Mapping[str, Any]) -> Reply:
    """The levels of the step itself, as if there were somebody in each of them."""
    if "levels" not in ask:
        return Reply()
    limit = at_least(span_of(ask["timeout"]))
    return Reply(decision=Receipt(Outcome.DONE, EXHAUSTED), after=sum(_afters(ask), limit))


def _afters(ask: Mapping[str, Any]) -> list[timedelta]:
    """How long each level comes after the one before."""
    levels = ask.get("levels", ())
    return [at_least(span_of(one["after"])) if "after" in one else timedelta() for one in levels]


def only_weekends(country: str | None, year: int) -> DaysOff:  # noqa: ARG001 - any country, any year
    """Days off where nobody knows the holidays."""
    return WEEKENDS


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`replies` by kind of effect; an ask of another kind is done at once. Without an arbiter
    messages go at once, without a postman they need not be written.
    """

    habits: Sequence[Habit] = ()
    arbiter: Arbiter | None = None
    postman: Postman | None = None
    replies: Mapping[str, Reply | Answering] = field(default_factory=replies_of)
    days_off: DaysOffOf = only_weekends
    default_zone: str = "UTC"
    seed: str = "1"
