"""How long things take: percentiles, whether it became longer, and a limit that could be promised.

A distribution comes as its 99 percentiles, which a database works out where the rows are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import sqrt
from statistics import NormalDist
from typing import Final

from engine.measuring.proportions import Interval

# The fractions at which `Durations.points` lie.
FRACTIONS: Final = tuple(n / 100 for n in range(1, 100))
# With fewer cases a percentile says more about the cases than about the work.
FEWEST: Final = 20
# Three of four kept it already: a limit for everybody, that one in four cases still has to mend.
SHARE_KEPT: Final = 0.75


@dataclass(frozen=True, slots=True)
class Durations:
    """`points` are seconds at each of FRACTIONS, ascending; empty without cases."""

    cases: int = 0
    total_seconds: float = 0.0
    points: Sequence[float] = ()

    def at(self, fraction: float) -> float | None:
        """Seconds that this share of the cases took at most; between two percentiles on the line
        that joins them."""
        if not self.points:
            return None
        where = min(max(fraction * 100 - 1, 0.0), len(self.points) - 1.0)
        low = int(where)
        if low + 1 >= len(self.points):
            return self.points[-1]
        return self.points[low] + (self.points[low + 1] - self.points[low]) * (where - low)

    @property
    def p50(self) -> float | None:
        return self.at(0.5)

    @property
    def p75(self) -> float | None:
        return self.at(0.75)

    @property
    def p90(self) -> float | None:
        return self.at(0.9)

    @property
    def mean(self) -> float | None:
        return self.total_seconds / self.cases if self.cases else None

    def median_interval(self, confidence: float = 0.95) -> Interval | None:
        """Where the true median lies, whatever the distribution: between the order statistics that
        a fair coin thrown once a case would leave out so seldom (W. J. Conover, "Practical
        Nonparametric Statistics", 3.2, in the large sample form)."""
        if not self.points:
            return None
        half = NormalDist().inv_cdf(0.5 + confidence / 2) / (2 * sqrt(self.cases))
        low, high = self.at(0.5 - half), self.at(0.5 + half)
        return None if low is None or high is None else Interval(low, high)


class Trend(StrEnum):
    """`unclear`: chance may explain the difference."""

    TOO_FEW = "too_few"
    UNCLEAR = "unclear"
    SLOWER = "slower"
    FASTER = "faster"


@dataclass(frozen=True, slots=True)
class Drift:
    """`ratio` is the median now by the median before, None where one of them is not known or 0."""

    trend: Trend
    ratio: float | None


def drift(now: Durations, before: Durations, *, fewest: int = FEWEST) -> Drift:
    """Slower or faster when the 95% intervals of the two medians do not touch, which chance brings
    about less than once in a hundred times."""
    ratio = now.p50 / before.p50 if now.p50 is not None and before.p50 else None
    mine, theirs = now.median_interval(), before.median_interval()
    if mine is None or theirs is None or min(now.cases, before.cases) < fewest:
        return Drift(Trend.TOO_FEW, ratio)
    if mine.low > theirs.high:
        return Drift(Trend.SLOWER, ratio)
    return Drift(Trend.FASTER if mine.high < theirs.low else Trend.UNCLEAR, ratio)


_MINUTE, _HOUR = 60, 3600
_MINUTES: Final = (5, 10, 15, 20, 30, 45)
_HOURS: Final = (1, 2, 3, 4, 6, 8, 12, 18)
_DAYS: Final = (1, 2, 3, 4, 5, 7, 10, 14, 21, 30, 45, 60, 75, 90, 120, 150, 180, 270, 365)


@dataclass(frozen=True, slots=True)
class Proposal:
    """`span` as one writes it in a definition; `seconds` is its length, `kept` the share of the
    `cases` that kept it."""

    span: str
    seconds: float
    kept: float
    cases: int


def proposed_limit(
    taken: Durations, *, day_seconds: float = 86_400, fewest: int = FEWEST
) -> Proposal | None:
    """The next round length that three of four cases kept; None with too few cases.

    A day is `day_seconds` long: in working time as long as somebody works.
    """
    wanted = taken.at(SHARE_KEPT)
    if wanted is None or taken.cases < fewest:
        return None
    ladder = [(f"{n}m", float(n * _MINUTE)) for n in _MINUTES]
    ladder += [(f"{n}h", float(n * _HOUR)) for n in _HOURS if n * _HOUR < day_seconds]
    ladder += [(f"{n}d", n * day_seconds) for n in _DAYS]
    found = next((step for step in ladder if step[1] >= wanted), None)
    span, seconds = found or (f"{-int(-wanted // day_seconds)}d", wanted)
    return Proposal(span, seconds, _share_within(taken, seconds), taken.cases)


def _share_within(taken: Durations, seconds: float) -> float:
    """Of the cases, read back from the percentiles."""
    points = taken.points
    if seconds >= points[-1]:
        return 1.0 if seconds > points[-1] else FRACTIONS[-1]
    for (low, high), fraction in zip(pairwise(points), FRACTIONS, strict=False):
        if low <= seconds < high:
            return fraction + (seconds - low) / (high - low) / 100
    return 0.0
