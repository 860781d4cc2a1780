"""The house's rules about sending: when, how many, in which order, and what is put together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Final, Literal, TypeAlias

from engine.flows.model import HIGHEST_PRIORITY as HIGHEST_PRIORITY
from engine.flows.model import LOWEST_PRIORITY as LOWEST_PRIORITY
from engine.flows.model import USUAL_PRIORITY as USUAL_PRIORITY
from engine.sending.about import About, Scope
from engine.sending.caps import Cap
from engine.sending.windows import TimeRule

LONGEST_WAIT: Final = timedelta(days=7)
Frequency: TypeAlias = Literal["daily", "weekly"]


@dataclass(frozen=True, slots=True)
class DigestRule:
    """Messages about a topic are put together into one, at a local time. `weekday` is from Monday
    (0), for weekly ones."""

    topic: str
    every: Frequency = "daily"
    at: time = time(8)
    weekday: int = 0


@dataclass(frozen=True, slots=True)
class Priority:
    """What messages of a kind are worth, whatever their flow is worth."""

    priority: int
    scope: Scope


@dataclass(frozen=True, slots=True)
class Policy:
    """Every rule that covers a message must be fulfilled. A message that has waited for
    `longest_wait` (None: for ever), or would have to, is dropped."""

    times: tuple[TimeRule, ...] = ()
    caps: tuple[Cap, ...] = ()
    priorities: tuple[Priority, ...] = ()
    digests: tuple[DigestRule, ...] = ()
    longest_wait: timedelta | None = LONGEST_WAIT

    def times_for(self, about: About) -> list[TimeRule]:
        return [one for one in self.times if one.scope.covers(about)]

    def caps_for(self, about: About) -> list[Cap]:
        return [one for one in self.caps if one.scope.covers(about)]

    def priority_of(self, about: About, of_flow: int) -> int:
        """The first entry that covers the message says it, else its flow."""
        for one in self.priorities:
            if one.scope.covers(about):
                return one.priority
        return of_flow

    def digest_of(self, about: About) -> DigestRule | None:
        return next((one for one in self.digests if one.topic == about.topic), None)


NO_RULES: Final = Policy()
