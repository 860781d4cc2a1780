"""What a step may answer when it is asked "what now?", and the changes it may make to records.

A move is a value: the journey machine turns it into a new position, the host writes it down.
Changes touch our own database only, so they commit together with the position and need no claim.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeAlias

from engine.effects import Effect
from engine.steps.questions import Question

Why: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SetFields:
    """Write values to fields of the run's subject; keys are names as in the fact catalogue."""

    values: Mapping[str, Any]
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SetOwnFields:
    """Write values that were worked out for this subject alone; they are written after all
    `SetFields`, many subjects at once.
    """

    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AddTask:
    """A task for a person. `assign_to` is "owner" or a user's e-mail address."""

    title: str
    body: str | None
    due_at: datetime | None
    assign_to: str


@dataclass(frozen=True, slots=True)
class AddToScore:
    """Points for the contact, added to what the score is when the move is written."""

    points: int


@dataclass(frozen=True, slots=True)
class AddTicket:
    """A ticket of the contact. `assign_to` is "owner" or a user's e-mail address."""

    subject: str
    priority: str
    assign_to: str


@dataclass(frozen=True, slots=True)
class AddActivity:
    """A call, meeting or note of the contact. `assign_to` is "owner" or a user's e-mail address."""

    kind: str
    subject: str
    body: str | None
    due_at: datetime | None
    assign_to: str


@dataclass(frozen=True, slots=True)
class TellEvent:
    """An event of the contact that this run makes happen; rules and flows hear of it as of any."""

    name: str
    properties: Mapping[str, Any]


Change: TypeAlias = (
    SetFields | SetOwnFields | AddTask | AddToScore | AddTicket | AddActivity | TellEvent
)


# The three moves that every visit of a node makes are named tuples: a frozen dataclass of as many
# fields takes four times as long to make.
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class Leave(NamedTuple):
    """Go on by the named exit. Changes commit with the move.

    `afresh`: records have changed, so the next step is asked in a pass of its own, with new facts;
    so it is after any change.
    """

    by: str
    why: Why = _NOTHING
    changes: tuple[Change, ...] = ()
    afresh: bool = False


class Wait(NamedTuple):
    """Stay until `until` (None: no time limit) or until an event in `listens` comes.

    `memo` is what the step will find in `here.memo` when it is asked again.
    """

    until: datetime | None
    listens: tuple[str, ...] = ()
    memo: Mapping[str, Any] = _NOTHING
    why: Why = _NOTHING


class Perform(NamedTuple):
    """Ask the world, and stay until it answers.

    `memo` is what the step will find in `here.memo` then. `again`: it asked on this visit before,
    so this is the next visit of the node; an ask is unique by run, node and visit.
    """

    effect: Effect
    ask: Mapping[str, Any]
    why: Why = _NOTHING
    memo: Mapping[str, Any] = _NOTHING
    again: bool = False


@dataclass(frozen=True, slots=True)
class Decide:
    """Ask our own records, which answer within the transaction; then `decided` is asked."""

    question: Question


@dataclass(frozen=True, slots=True)
class End:
    """The run is over, with an outcome that people see."""

    outcome: str
    why: Why = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hold:
    """Stop here until a person decides; `code` is stable, `message` says what to do."""

    code: str
    message: str


Move: TypeAlias = Leave | Wait | Perform | Decide | End | Hold
