"""Where a case stands, as it is kept between two happenings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from engine.escalations.targets import Scene
from engine.stopwatch import Stopwatch
from engine.working_time import WorkingCalendar


class Status(StrEnum):
    """`OPEN`: levels are being told. `ACKNOWLEDGED`: somebody has it in hand. `HELD`: it goes on by
    a person alone, or when somebody comes back. The last two are the end."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    HELD = "held"
    RESOLVED = "resolved"
    UNANSWERED = "unanswered"

    @property
    def ended(self) -> bool:
        return self in (Status.RESOLVED, Status.UNANSWERED)


class HeldFor(StrEnum):
    """Why a case is held: nobody is there to be told, nobody took it up, or its calendar has no
    hours any more."""

    NOBODY = "nobody"
    UNANSWERED = "unanswered"
    NO_WORKING_TIME = "no_working_time"


@dataclass(frozen=True, slots=True)
class CaseState:
    """`next_level` is told next; past the last one it is the end of the round that is waited for.

    `tells` counts the tellings of the level told last, and `repeats` those of them that its policy
    asked for. `reached`: somebody was told at some time. `held_for` stays while somebody has a held
    case in hand, for it is held again when they let go. `stood_in_by` was told last that they act
    for whoever has it.

    `watch` runs since the last level was told, `repeating` since its last telling, `holding` since
    somebody took the case up.
    """

    status: Status = Status.OPEN
    held_for: HeldFor | None = None
    paused: bool = False
    round: int = 1
    next_level: int = 0
    tells: int = 0
    repeats: int = 0
    reached: bool = False
    acknowledged_by: int | None = None
    stood_in_by: int | None = None
    watch: Stopwatch = field(default_factory=Stopwatch)
    repeating: Stopwatch = field(default_factory=Stopwatch)
    holding: Stopwatch = field(default_factory=Stopwatch)

    @property
    def told_level(self) -> int | None:
        """The level told last in this round, from 0; levels that were passed over count as told."""
        return self.next_level - 1 if self.next_level else None

    def as_json(self) -> dict[str, Any]:
        return {
            "status": self.status.value,
            "held_for": self.held_for.value if self.held_for else None,
            "paused": self.paused,
            "round": self.round,
            "next_level": self.next_level,
            "tells": self.tells,
            "repeats": self.repeats,
            "reached": self.reached,
            "acknowledged_by": self.acknowledged_by,
            "stood_in_by": self.stood_in_by,
            "watch": self.watch.as_json(),
            "repeating": self.repeating.as_json(),
            "holding": self.holding.as_json(),
        }

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> CaseState:
        """What `as_json` gave; what is left out is as at the beginning."""
        known = dict(document)
        held_for = known.get("held_for")
        return CaseState(
            status=Status(known.get("status", Status.OPEN)),
            held_for=HeldFor(held_for) if held_for else None,
            paused=known.get("paused", False),
            round=known.get("round", 1),
            next_level=known.get("next_level", 0),
            tells=known.get("tells", 0),
            repeats=known.get("repeats", 0),
            reached=known.get("reached", False),
            acknowledged_by=known.get("acknowledged_by"),
            stood_in_by=known.get("stood_in_by"),
            watch=Stopwatch.from_json(known.get("watch", {})),
            repeating=Stopwatch.from_json(known.get("repeating", {})),
            holding=Stopwatch.from_json(known.get("holding", {})),
        )


@dataclass(frozen=True, slots=True)
class Around:
    """What a case is decided in: people and turns, calendars by name, and the zone for calendars
    that have none of their own."""

    scene: Scene
    calendars: Mapping[str, WorkingCalendar]
    zone: str

    def calendar(self, name: str | None) -> WorkingCalendar | None:
        """None is the time of the clock; a calendar that is gone is the default one, and where
        there is none, the time of the clock."""
        if name is None:
            return None
        return self.calendars.get(name) or self.calendars.get("")
