"""Who goes through a simulated flow, and what happens to them from outside."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from engine.effects import Outcome, Receipt
from engine.rules import Facts

DELIVERED = Receipt(Outcome.DONE)


@dataclass(slots=True)
class Person:
    """A subject with facts as rules read them; the simulation changes them as the flow would.

    `marketing` and `service` are what becomes of a message of that purpose, such as withheld for
    missing consent.
    """

    id: int
    facts: Facts
    zone: str
    marketing: Receipt = DELIVERED
    service: Receipt = DELIVERED

    def receipt(self, purpose: str) -> Receipt:
        return self.marketing if purpose == "marketing" else self.service


@dataclass(frozen=True, slots=True, order=True)
class Occurrence:
    """Something that happens to a person, as an event would tell it."""

    at: datetime
    person_id: int
    name: str
    properties: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def as_event(self) -> dict[str, Any]:
        """The fact `event` of the rules."""
        return {
            "name": self.name,
            "kind": "track",
            "source": "simulation",
            "occurred_at": self.at,
            "properties": dict(self.properties),
        }


@dataclass(frozen=True, slots=True)
class Habit:
    """What people do after a message: `percent` of them, some time within `within`, do `event`."""

    event: str
    percent: float
    within: timedelta

    def after(self, sent_at: datetime, person_id: int, seed: str) -> Occurrence | None:
        """What this person does; the same for the same seed, person and message."""
        # not for secrets: the same chance must come out again
        chance = random.Random(f"{seed}:{self.event}:{person_id}:{sent_at.isoformat()}")
        if chance.random() * 100 >= self.percent:
            return None
        return Occurrence(sent_at + self.within * chance.random(), person_id, self.event)
