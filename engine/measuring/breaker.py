"""Whether a sender domain may go on: what came back of what it sent in the last days."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# Days that are judged, today among them.
DAYS: Final = 7
# Of a limit: who was warned is well again below this share of it, so that nobody is told of the
# same trouble every hour.
WELL_BELOW: Final = 0.8


class Health(StrEnum):
    """`paused` ends only when a person says so."""

    WELL = "well"
    WARNED = "warned"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Limits:
    """Shares of what was sent, from which on something is done; nothing below `least_sent`.

    Defaults: mailbox providers ask for complaints below 0.1 % and act at 0.3 %; list owners are
    commonly suspended at 5 % bounces.
    """

    least_sent: int = 500
    warn_bounces: float = 0.02
    pause_bounces: float = 0.05
    warn_complaints: float = 0.001
    pause_complaints: float = 0.003


@dataclass(frozen=True, slots=True)
class Volume:
    """What a domain sent, and how many of these messages bounced or were complained about."""

    sent: int = 0
    bounced: int = 0
    complained: int = 0

    @property
    def bounces(self) -> float:
        return self.bounced / self.sent if self.sent else 0.0

    @property
    def complaints(self) -> float:
        return self.complained / self.sent if self.sent else 0.0


@dataclass(frozen=True, slots=True)
class Judged:
    """`reason` is "bounces" or "complaints", None of a domain that is well."""

    health: Health
    reason: str | None = None


def judge(was: Health, volume: Volume, limits: Limits) -> Judged:
    """How a domain stands after what was counted, given how it stood.

    A paused one stays so. With too little volume to say anything it stays as it was.
    """
    if was is Health.PAUSED:
        return Judged(was, _worst(volume, limits))
    if volume.sent < limits.least_sent:
        return Judged(was, None if was is Health.WELL else _worst(volume, limits))
    paused = _over(volume, limits.pause_bounces, limits.pause_complaints)
    if paused is not None:
        return Judged(Health.PAUSED, paused)
    near = 1.0 if was is Health.WELL else WELL_BELOW
    warned = _over(volume, limits.warn_bounces * near, limits.warn_complaints * near)
    return Judged(Health.WELL) if warned is None else Judged(Health.WARNED, warned)


def _over(volume: Volume, bounces: float, complaints: float) -> str | None:
    if volume.complaints >= complaints:
        return "complaints"
    return "bounces" if volume.bounces >= bounces else None


def _worst(volume: Volume, limits: Limits) -> str:
    by_complaints = volume.complaints / limits.pause_complaints
    return "complaints" if by_complaints >= volume.bounces / limits.pause_bounces else "bounces"
