"""When a message may go: quiet hours and caps, as a house might set them.

The journey knows nothing of it. What decides is what decides in life, `engine.sending`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from engine.sending import (
    MARKETING,
    About,
    Answer,
    Cap,
    CapUnit,
    Circumstances,
    Counted,
    Home,
    Policy,
    QuietHours,
    Window,
    rule,
)

__all__ = ["NOW", "Arbiter", "Cap", "CapUnit", "HouseRules", "Ruling", "Window"]

_A_LETTER: Final = About(MARKETING)


@dataclass(frozen=True, slots=True)
class Ruling:
    """`until` is when the message may go, None for now; `reason` says what stood in the way, `read`
    are the plain values behind it."""

    until: datetime | None = None
    reason: str | None = None
    read: Mapping[str, Any] = field(default_factory=dict)


NOW: Final = Ruling()


class Arbiter(Protocol):
    """Decides about one message; called again when the time it gave has come."""

    def rule(self, purpose: str, now: datetime, zone: str, sent: Sequence[datetime]) -> Ruling:
        """`sent` is when this person got messages of the same purpose, soonest first."""
        ...


@dataclass(frozen=True, slots=True)
class HouseRules:
    """Quiet hours and caps: marketing messages wait for them, those of a service do not."""

    quiet: Window | None = None
    caps: tuple[Cap, ...] = ()
    policy: Policy = field(init=False)

    def __post_init__(self) -> None:
        times = () if self.quiet is None else (QuietHours(self.quiet),)
        # nobody is lost in a simulation because they would have had to wait for long
        policy = Policy(times, self.caps, longest_wait=None)
        object.__setattr__(self, "policy", policy)

    def rule(self, purpose: str, now: datetime, zone: str, sent: Sequence[datetime]) -> Ruling:
        if purpose != MARKETING:
            return NOW
        counted = [Counted(at, _A_LETTER) for at in sent] if self.caps else ()
        found = rule(self.policy, _A_LETTER, Circumstances(Home(zone), sent=counted), now)
        return NOW if found.answer is Answer.SEND else Ruling(found.until, found.code, found.read)
