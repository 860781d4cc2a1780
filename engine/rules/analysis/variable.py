"""A value that rules look at, as a variable with finitely many cases: absent, and the pieces that
the rules' cuts divide its range into.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import floor

from engine.rules import ir
from engine.rules.analysis.cuts import Cut
from engine.rules.analysis.ranges import Range

ABSENT = 1


@dataclass(frozen=True, slots=True)
class Piece:
    """Values between two cuts; None is an open end."""

    low: Cut | None
    high: Cut | None

    def only(self) -> ir.Scalar | None:
        """The one value in it, where that is plain to see."""
        if self.low is None or self.high is None or isinstance(self.low.at, ir.Moment):
            return None
        return self.low.at if self.low == Cut(self.low.at) and self._ends_here() else None

    def _ends_here(self) -> bool:
        assert self.low is not None
        return self.high == Cut(self.low.at, after=True)

    def whole_numbers(self) -> tuple[float, float]:
        """The smallest and largest whole number in it; the first is larger when there is none."""
        low, high = -float("inf"), float("inf")
        if self.low is not None:
            assert isinstance(self.low.at, int | float)
            low = floor(self.low.at) + 1 if self.low.after else -floor(-self.low.at)
        if self.high is not None:
            assert isinstance(self.high.at, int | float)
            high = floor(self.high.at) if self.high.after else -floor(-self.high.at) - 1
        return low, high


@dataclass(slots=True)
class Variable:
    """`subject` is what it stands for: a value, a text in a set, or a condition as a whole.

    Bit 0 of a mask is "absent", bit 1 the first piece. `full` holds the cases that facts can have,
    `likely` those that people would expect: only the values on the list, only whole numbers. A
    variable without pieces has its cases in an order of its own.
    """

    number: int
    subject: Hashable
    pieces: tuple[Piece, ...] = ()
    full: int = 0
    likely: int = 0
    present: int = 0
    # Other rows of cuts of the same value: all of them are absent together.
    siblings: list[int] = field(default_factory=list)
    # Counts that are never larger than this one, and those that are never smaller.
    smaller: list[int] = field(default_factory=list)
    larger: list[int] = field(default_factory=list)

    def mask(self, ranges: Sequence[Range], places: dict[Cut, int]) -> int:
        """The pieces inside the ranges."""
        found = 0
        for low, high in ranges:
            first = 0 if low is None else places[low] + 1
            last = len(self.pieces) if high is None else places[high] + 1
            if first < last:
                found |= (1 << last) - (1 << first)
        return found << 1


def pieces(row: Sequence[Cut]) -> tuple[Piece, ...]:
    """What a row of cuts divides all values into."""
    ends: list[Cut | None] = [None, *row, None]
    return tuple(Piece(low, high) for low, high in pairwise(ends))


def bits(mask: int) -> list[int]:
    """The numbers of the bits that are set, from the lowest."""
    found = []
    while mask:
        lowest = mask & -mask
        found.append(lowest.bit_length() - 1)
        mask ^= lowest
    return found
