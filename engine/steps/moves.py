"""What a step may answer when it is asked "what now?", and the changes it may make to records.

A move is a value: the journey machine turns it into a new position, the host writes it down.
Changes touch our own database only, so they commit together with the position and need no claim.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from engine.effects import Effect

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


Change: TypeAlias = SetFields | SetOwnFields | AddTask | AddToScore


@dataclass(frozen=True, slots=True)
class Leave:
    """Go on by the named exit. Changes commit with the move."""

    by: str
    why: Why = field(default_factory=dict)
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Wait:
    """Stay until `until` (None: no time limit) or until an event in `listens` comes.

    `memo` is what the step will find in `here.memo` when it is asked again.
    """

    until: datetime | None
    listens: tuple[str, ...] = ()
    memo: Mapping[str, Any] = field(default_factory=dict)
    why: Why = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Perform:
    """Ask the world, and stay until it answers."""

    effect: Effect
    ask: Mapping[str, Any]
    why: Why = field(default_factory=dict)


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


Move: TypeAlias = Leave | Wait | Perform | End | Hold
