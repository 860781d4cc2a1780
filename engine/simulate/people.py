"""Who goes through a simulated flow, and what happens to them from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

from engine.effects import Outcome, Receipt
from engine.flows.entry import EarlierRuns
from engine.rules import Facts

DELIVERED = Receipt(Outcome.DONE)
_NEVER: Final = EarlierRuns()
_53_BITS: Final = 2**53 - 1
_UNIT: Final = 2.0**-53


@dataclass(slots=True)
class Person:
    """A subject with facts as rules read them; the simulation changes them as the flow would.

    `marketing` and `service` are what becomes of a message of that purpose, such as withheld for
    missing consent. Runs of before that are not over stay so.
    """

    id: int
    facts: Facts
    zone: str
    marketing: Receipt = DELIVERED
    service: Receipt = DELIVERED
    # what they have done in this flow before, and the entry keys that are used up by it
    earlier: EarlierRuns = _NEVER
    entered_by: frozenset[str] = frozenset()

    def receipt(self, purpose: str) -> Receipt:
        return self.marketing if purpose == "marketing" else self.service


@dataclass(frozen=True, slots=True, order=True)
class Occurrence:
    """Something that happens to a person, as an event would tell it."""

    at: datetime
    person_id: int
    name: str
    properties: Mapping[str, Any] = field(default_factory=dict, compare=False)
    kind: str = field(default="track", compare=False)
    # how often the flow has acted already on the way to this
    acted: int = field(default=0, compare=False)

    def as_event(self) -> dict[str, Any]:
        """The fact `event` of the rules."""
        return {
            "name": self.name,
            "kind": self.kind,
            "source": "simulation",
            "occurred_at": self.at,
            "properties": dict(self.properties),
            "changes": self._changes(),
        }

    def _changes(self) -> dict[str, Any]:
        """What a record's event says: {"contact": {"country": {"old": "SG", "new": "MY"}}}."""
        if self.kind != "record":
            return {}
        sides = {
            name: {"old": said[0], "new": said[1]} if isinstance(said, list) else said
            for name, said in self.properties["changes"].items()
        }
        return {self.properties["record"]: sides}


@dataclass(frozen=True, slots=True)
class Habit:
    """What people do after a message: `percent` of them, some time within `within`, do `event`."""

    event: str
    percent: float
    within: timedelta

    def after(self, sent_at: datetime, person_id: int, nth: int, seed: str) -> Occurrence | None:
        """What this person does after their `nth` message; the same for the same seed."""
        asked = f"{seed}:{self.event}:{person_id}:{nth}".encode()
        drawn = int.from_bytes(blake2b(asked, digest_size=16).digest())
        # numbers in [0, 1): 53 bits fit a float exactly, all 64 could round up to 1
        if (drawn >> 75) * _UNIT * 100 >= self.percent:
            return None
        later = (drawn >> 11 & _53_BITS) * _UNIT
        return Occurrence(sent_at + self.within * later, person_id, self.event)
