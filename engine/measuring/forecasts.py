"""How well what was said beforehand met what came.

Errors are added up before they are divided (the weighted absolute percentage error), because a
month in which little was won would make any error of it endless. Sums of money stay whole numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """What was said for a period, and what came; in the same unit."""

    said: int
    came: int

    @property
    def error(self) -> float | None:
        """0.1: a tenth more was said than came. None where nothing came."""
        return (self.said - self.came) / self.came if self.came else None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """`off` is the size of all errors by all that came; `bias` the same with their signs, above 0
    where too much was said."""

    periods: int
    off: float | None
    bias: float | None


def accuracy(periods: Sequence[Said]) -> Accuracy:
    came = sum(one.came for one in periods)
    if not came:
        return Accuracy(len(periods), None, None)
    return Accuracy(
        len(periods),
        sum(abs(one.said - one.came) for one in periods) / came,
        sum(one.said - one.came for one in periods) / came,
    )


def weighted(amount_minor: int, won: int, of: int) -> int:
    """An amount by a chance of `won` in `of`, to the nearest minor unit, halves to the even one; 0
    where there is nothing to go by."""
    if not of:
        return 0
    whole, rest = divmod(amount_minor * won, of)
    return whole + (rest * 2 > of or (rest * 2 == of and whole % 2 == 1))
