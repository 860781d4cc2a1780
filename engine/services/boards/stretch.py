"""The days that figures are of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from engine.errors import Refused
from engine.local_time import start_of_day

LONGEST: Final = timedelta(days=1_100)


@dataclass(frozen=True, slots=True)
class Stretch:
    """From the first day on, up to and with the last, on the clock of `zone`. Raises Refused for
    one that is empty or too long."""

    first: date
    last: date
    zone: str

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise Refused("The stretch is empty: its last day is before its first.")
        if self.last - self.first > LONGEST:
            raise Refused(f"The stretch is longer than {LONGEST.days:,} days. Take a shorter one.")

    @property
    def since(self) -> datetime:
        return start_of_day(self.first, self.zone)

    @property
    def until(self) -> datetime:
        return start_of_day(self.last + timedelta(days=1), self.zone)

    def days(self) -> Iterator[date]:
        for number in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=number)
