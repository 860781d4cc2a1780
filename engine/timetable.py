"""The working intervals of a year, in a form in which any sum over them is two searches.

Counting day by day costs milliseconds for a year; ten thousand deals are measured at a time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Timetable:
    """Intervals in order, none touching the one behind it from inside. `worked` is the time of all
    intervals up to and with each."""

    starts: tuple[datetime, ...]
    ends: tuple[datetime, ...]
    worked: tuple[timedelta, ...]

    @staticmethod
    def of(intervals: Iterable[tuple[datetime, datetime]]) -> Timetable:
        found = tuple(intervals)
        lengths = (end - start for start, end in found)
        return Timetable(
            tuple(start for start, _ in found),
            tuple(end for _, end in found),
            tuple(accumulate(lengths)),
        )

    @property
    def total(self) -> timedelta:
        return self.worked[-1] if self.worked else timedelta()

    def until(self, at: datetime) -> timedelta:
        """How much of it lies before `at`."""
        index = bisect_right(self.starts, at) - 1
        if index < 0:
            return timedelta()
        return self.worked[index] - max(self.ends[index] - at, timedelta())

    def reached(self, worked: timedelta) -> datetime:
        """The first instant by which so much of it is over; more than nothing, at most `total`."""
        index = bisect_left(self.worked, worked)
        return self.ends[index] - (self.worked[index] - worked)

    def next_instant(self, at: datetime) -> datetime | None:
        """`at` itself within an interval, else the start of the next; None behind the last."""
        index = bisect_right(self.ends, at)
        return max(at, self.starts[index]) if index < len(self.ends) else None
