"""When a message may go: quiet hours and caps, as a house might set them.

The journey knows nothing of it. Whoever decides about messages in life offers the same question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final, Literal, Protocol, TypeAlias

from engine.local_time import local, local_instant, start_of

MARKETING: Final = "marketing"
CapUnit: TypeAlias = Literal["day", "week", "month"]
# Each round passes a night or a full period; more of them than a year of full days is a knot.
_MOST_ROUNDS: Final = 400


@dataclass(frozen=True, slots=True)
class Ruling:
    """`until` is when the message may go, None for now; `reason` says what stood in the way."""

    until: datetime | None = None
    reason: str | None = None


NOW: Final = Ruling()


class Arbiter(Protocol):
    """Decides about one message; called again when the time it gave has come."""

    def rule(self, purpose: str, now: datetime, zone: str, sent: Sequence[datetime]) -> Ruling:
        """`sent` is when this person got messages of the same purpose, soonest first."""
        ...


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of the day on the person's own clock, until `end`; they may pass midnight."""

    start: time
    end: time

    def holds(self, at: time) -> bool:
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end

    def end_after(self, now: datetime, zone: str) -> datetime:
        """When the window that holds now is over."""
        here = local(now, zone)
        later = self.start > self.end and here.time() >= self.start
        return local_instant(here.date() + timedelta(days=int(later)), self.end, zone)


@dataclass(frozen=True, slots=True)
class Cap:
    """So many marketing messages at most in a local day, week (from Monday) or month."""

    most: int
    per: CapUnit


@dataclass(frozen=True, slots=True)
class HouseRules:
    """Quiet hours and caps: marketing messages wait for them, those of a service do not."""

    quiet: Window | None = None
    caps: tuple[Cap, ...] = ()

    def rule(self, purpose: str, now: datetime, zone: str, sent: Sequence[datetime]) -> Ruling:
        if purpose != MARKETING:
            return NOW
        at, reason = now, None
        for _ in range(_MOST_ROUNDS):
            later, why = self._obstacle(at, zone, sent)
            if later is None:
                return NOW if reason is None else Ruling(at, reason)
            at, reason = later, reason or why
        return Ruling(at, reason)

    def _obstacle(
        self, at: datetime, zone: str, sent: Sequence[datetime]
    ) -> tuple[datetime | None, str | None]:
        if self.quiet is not None and self.quiet.holds(local(at, zone).time()):
            return self.quiet.end_after(at, zone), "quiet_hours"
        for cap in self.caps:
            began = start_of(cap.per, at, zone)
            if sum(one >= began for one in sent) >= cap.most:
                return _next(cap.per, began, zone), f"cap_per_{cap.per}"
        return None, None


def _next(unit: CapUnit, began: datetime, zone: str) -> datetime:
    """The first instant of the period after the one that began then."""
    days = {"day": 1, "week": 7, "month": 31}[unit]
    # half a day more reaches the next one across any change of the clocks
    return start_of(unit, began + timedelta(days=days, hours=12 if days < 31 else 24), zone)
