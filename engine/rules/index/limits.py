"""What the conditions of a row ask of one value, in a form that can be looked up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engine.rules import ir

# A place in the order of values: a value lies behind (constant, 0) when it is at least the
# constant, and behind (constant, 1) when it is more.
Edge = tuple[Any, int]


@dataclass(frozen=True, slots=True)
class Age:
    """How long before now a time is; negative in the future. Windows that slide with now become
    limits that do not.
    """

    of: ir.Value


Measured = ir.Value | Age


@dataclass(frozen=True, slots=True)
class Limits:
    """The values that are let through: among these when given, none of `outside`, behind `low` and
    not behind `high`, and absent ones when `absent`.
    """

    among: frozenset[Any] | None = None
    outside: frozenset[Any] = frozenset()
    low: Edge | None = None
    high: Edge | None = None
    absent: bool = False

    def __and__(self, other: Limits) -> Limits:
        """The values that both let through."""
        among = self.among if other.among is None else other.among
        if self.among is not None and other.among is not None:
            among = self.among & other.among
        lows = [edge for edge in (self.low, other.low) if edge is not None]
        highs = [edge for edge in (self.high, other.high) if edge is not None]
        return Limits(
            among,
            self.outside | other.outside,
            max(lows, default=None),
            min(highs, default=None),
            self.absent and other.absent,
        )

    def settled(self) -> Limits:
        """The same with as few parts as possible: listed values are held against the rest at once,
        and an end below the beginning lies on it.
        """
        if self.among is not None:
            return Limits(frozenset(filter(self._lets_through, self.among)), absent=self.absent)
        if self.low is not None and self.high is not None and self.high < self.low:
            return Limits(None, self.outside, self.low, self.low, self.absent)
        return self

    def _lets_through(self, value: Any) -> bool:
        here = (value, 0)
        return (
            value not in self.outside
            and (self.low is None or self.low <= here)
            and (self.high is None or here < self.high)
        )


@dataclass(frozen=True, slots=True)
class SetLimits:
    """What a set must hold: all of these, none of those, and one of each of the `any_of`."""

    all_of: frozenset[str] = frozenset()
    none_of: frozenset[str] = frozenset()
    any_of: tuple[frozenset[str], ...] = ()

    def __and__(self, other: SetLimits) -> SetLimits:
        return SetLimits(
            self.all_of | other.all_of, self.none_of | other.none_of, self.any_of + other.any_of
        )


def either(all_limits: Iterable[Limits]) -> Limits | None:
    """What any of these lets through, when all of them list values; else None."""
    values: frozenset[Any] = frozenset()
    absent = False
    for limits in all_limits:
        if limits.among is None:
            return None
        settled = limits.settled()
        values |= settled.among or frozenset()
        absent = absent or settled.absent
    return Limits(values, absent=absent)
