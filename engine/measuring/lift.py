"""What a flow brought about: those who went through it against those who were held out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.measuring.proportions import Interval, difference, ratio, wilson

# Below either, an interval says more about chance than about the flow: W. G. Cochran, "Some methods
# for strengthening the common chi-squared tests", Biometrics 10 (1954), asks for five expected.
LEAST_PEOPLE = 30
LEAST_EXPECTED = 5.0


class Says(StrEnum):
    """`unclear`: the interval holds "no difference"."""

    TOO_FEW = "too_few"
    UNCLEAR = "unclear"
    MORE = "more"
    FEWER = "fewer"


@dataclass(frozen=True, slots=True)
class Group:
    people: int
    reached: int

    @property
    def rate(self) -> float:
        return self.reached / self.people if self.people else 0.0

    def interval(self, confidence: float = 0.95) -> Interval:
        return wilson(self.reached, self.people, confidence)


@dataclass(frozen=True, slots=True)
class Lift:
    """`apart` is the flow's rate less the holdout's, as shares (0.02 is two points); `relative` the
    same as a part of the holdout's rate, None when that is or may be nothing.
    """

    says: Says
    apart: float
    apart_interval: Interval
    relative: float | None
    relative_interval: Interval | None


def lift_of(flow: Group, holdout: Group, confidence: float = 0.95) -> Lift | None:
    """None when one of the groups is empty."""
    if not flow.people or not holdout.people:
        return None
    counts = (flow.reached, flow.people, holdout.reached, holdout.people)
    apart = difference(*counts, confidence)
    times = ratio(*counts, confidence)
    return Lift(
        says=_says(flow, holdout, apart),
        apart=flow.rate - holdout.rate,
        apart_interval=apart,
        relative=flow.rate / holdout.rate - 1 if holdout.reached else None,
        relative_interval=Interval(times.low - 1, times.high - 1) if times else None,
    )


def _says(flow: Group, holdout: Group, apart: Interval) -> Says:
    if _too_few(flow, holdout):
        return Says.TOO_FEW
    if apart.low > 0:
        return Says.MORE
    return Says.FEWER if apart.high < 0 else Says.UNCLEAR


def _too_few(flow: Group, holdout: Group) -> bool:
    smaller = min(flow.people, holdout.people)
    together = (flow.reached + holdout.reached) / (flow.people + holdout.people)
    expected = smaller * min(together, 1 - together)
    return smaller < LEAST_PEOPLE or expected < LEAST_EXPECTED
