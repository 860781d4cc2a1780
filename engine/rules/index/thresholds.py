"""Which rules a value's size rules out: sorted thresholds, and the rules that change sides at each.

A set of rules is an integer, one bit a rule.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from engine.rules.index.limits import Edge

# Sets are kept for every so many thresholds and worked out in between: that bounds the memory of a
# value with a threshold of its own in each of ten thousand rules.
_STRIDE = 32


class Thresholds:
    """Rules are added and taken out by the same call."""

    __slots__ = ("_at_strides", "_edges", "_from_below", "_turning")

    def __init__(self) -> None:
        # Ruled out until the first threshold of theirs is passed.
        self._from_below = 0
        # At each edge, the rules that are ruled out on one side of it only.
        self._turning: dict[Edge, int] = {}
        self._edges: list[Edge] | None = None
        self._at_strides: list[int] = []

    def flip(self, bit: int, low: Edge | None, high: Edge | None) -> None:
        """Add or take out the rule that wants values behind `low` and not behind `high`, which is
        not below it.
        """
        if low is not None:
            self._from_below ^= bit
            self._turn(low, bit)
        if high is not None:
            self._turn(high, bit)

    def _turn(self, edge: Edge, bit: int) -> None:
        left = self._turning.get(edge, 0) ^ bit
        if left:
            self._turning[edge] = left
        else:
            del self._turning[edge]
        self._edges = None

    def place(self, value: Any) -> int:
        """How many thresholds lie below the value; values of one place are treated alike."""
        edges = self._edges
        if edges is None:
            edges = self._arrange()
        return bisect_right(edges, (value, 0))

    def ruled_out(self, place: int) -> int:
        edges = self._edges if self._edges is not None else self._arrange()
        stride = place // _STRIDE
        out = self._at_strides[stride]
        for edge in edges[stride * _STRIDE : place]:
            out ^= self._turning[edge]
        return out

    def _arrange(self) -> list[Edge]:
        edges = self._edges = sorted(self._turning)
        out = self._from_below
        self._at_strides = [out]
        for number, edge in enumerate(edges, 1):
            out ^= self._turning[edge]
            if number % _STRIDE == 0:
                self._at_strides.append(out)
        return edges
