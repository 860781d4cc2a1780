"""A scoring model as a value: rules that give points, and bands of the total."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class DecayKind(StrEnum):
    """`HALF_LIFE` halves the points every so many days; `LINEAR` takes them away evenly, until
    nothing is left after so many days.
    """

    HALF_LIFE = "half_life"
    LINEAR = "linear"


@dataclass(frozen=True, slots=True)
class Decay:
    """How points fade with age. `since` is the date or time fact that a rule's points age from; the
    points of events age from the event.
    """

    kind: DecayKind
    days: int
    since: str | None = None


@dataclass(frozen=True, slots=True)
class PointRule:
    """Points for a rule that holds (`when`), or for every event of a name (`event`, narrowed by
    `where` and to the last `within_days`).

    `cap` bounds what the events of one rule give together, away from zero in either direction.
    """

    key: str
    label: str
    points: float
    when: Any = None
    event: str | None = None
    where: Any = None
    within_days: int | None = None
    cap: float | None = None
    decay: Decay | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """A named range of totals, from `start` to the start of the next band."""

    name: str
    label: str
    start: int


@dataclass(frozen=True, slots=True)
class ScoringModel:
    """The total lies between `floor` and `cap`; None is no bound. Bands are in rising order."""

    name: str
    label: str
    rules: tuple[PointRule, ...]
    floor: int | None = 0
    cap: int | None = None
    bands: tuple[Band, ...] = ()

    def band_of(self, total: int) -> str | None:
        """The name of the highest band that begins at or below the total."""
        return next((band.name for band in reversed(self.bands) if band.start <= total), None)

    def document(self) -> dict[str, Any]:
        """The stored form; `from_document` reads it back to an equal model."""
        return {
            "score": self.name,
            "label": self.label,
            "floor": self.floor,
            "cap": self.cap,
            "bands": [
                {"name": band.name, "label": band.label, "from": band.start} for band in self.bands
            ],
            "rules": [_rule_document(rule) for rule in self.rules],
        }


def _rule_document(rule: PointRule) -> dict[str, Any]:
    written = {
        "key": rule.key,
        "label": rule.label,
        "points": rule.points,
        "when": rule.when,
        "event": rule.event,
        "where": rule.where,
        "within_days": rule.within_days,
        "cap": rule.cap,
        "decay": None if rule.decay is None else _decay_document(rule.decay),
    }
    return {key: value for key, value in written.items() if value is not None}


def _decay_document(decay: Decay) -> dict[str, Any]:
    since = {} if decay.since is None else {"since": decay.since}
    return {decay.kind.value: decay.days, **since}
