"""What a change of score means: bands that were reached or left, told as events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from engine.rules.scoring.model import ScoringModel

THRESHOLD_REACHED: Final = "Score Threshold Reached"
SCORE_KIND: Final = "score"
Direction = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Crossing:
    """The start of a band was passed; `score` and `before` are the totals after and before."""

    model: str
    band: str
    threshold: int
    direction: Direction
    before: int
    score: int

    def properties(self) -> dict[str, Any]:
        """The properties of the event."""
        return {
            "model": self.model,
            "band": self.band,
            "threshold": self.threshold,
            "direction": self.direction,
            "before": self.before,
            "score": self.score,
        }


def crossings(model: ScoringModel, before: int | None, after: int) -> tuple[Crossing, ...]:
    """The bands whose start lies between two totals, in the order in which they were passed.

    A contact without a score so far comes from the floor, or from 0 where there is none: the band
    that everybody begins in is not reached by anybody.
    """
    start = (model.floor or 0) if before is None else before
    up: Direction = "up" if after > start else "down"
    passed = [
        Crossing(model.name, band.name, band.start, up, start, after)
        for band in model.bands
        if min(start, after) < band.start <= max(start, after)
    ]
    return tuple(passed if up == "up" else reversed(passed))
