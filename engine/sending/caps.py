"""How many messages somebody gets in a local day, week or month, and who gets the room."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple, TypeAlias

from engine.local_time import start_of
from engine.sending.about import About, Scope

CapUnit: TypeAlias = Literal["day", "week", "month"]
UNITS: Final[tuple[CapUnit, ...]] = ("day", "week", "month")
# The longest local period there is, with a day for zones and changes of the clock.
LONGEST: Final[dict[CapUnit, timedelta]] = {
    "day": timedelta(days=2),
    "week": timedelta(days=8),
    "month": timedelta(days=32),
}


class Counted(NamedTuple):
    """A message that was handed over, or is being."""

    at: datetime
    about: About


class Rival(NamedTuple):
    """A message to the same person that waits, and goes before others of less `priority`."""

    due: datetime
    priority: int
    about: About


class Full(NamedTuple):
    """Why there is no room, and from when on there may be."""

    code: str
    until: datetime
    counted: int
    most: int


@dataclass(frozen=True, slots=True)
class Cap:
    """So many messages at most in a local day, week (from Monday) or month."""

    most: int
    per: CapUnit
    scope: Scope = field(default_factory=Scope)
    # The person's own wish, and not the house's rule.
    wished: bool = False

    def full(
        self,
        at: datetime,
        zone: str,
        sent: Sequence[Counted],
        rivals: Sequence[Rival],
        *,
        now: datetime,
    ) -> Full | None:
        """Whether the period around `at` has no room left; `rivals` are those that go first."""
        if not sent and not rivals:
            return None
        began = start_of(self.per, at, zone)
        ended = next_period(self.per, began, zone)
        counted = sum(began <= one.at < ended and self.scope.covers(one.about) for one in sent)
        if counted >= self.most:
            code = f"{'wished' if self.wished else 'cap'}_per_{self.per}"
            return Full(code, ended, counted, self.most)
        ahead = sum(
            began <= max(one.due, now) < ended and self.scope.covers(one.about) for one in rivals
        )
        if counted + ahead >= self.most:
            return Full("outranked", ended, counted, self.most)
        return None


def counted_since(caps: Collection[Cap], now: datetime) -> datetime | None:
    """From when on sent messages must be known; None where nothing is counted."""
    if not caps:
        return None
    return now - max(LONGEST[one.per] for one in caps)


def next_period(unit: CapUnit, began: datetime, zone: str) -> datetime:
    """The first instant of the period after the one that began then."""
    days = {"day": 1, "week": 7, "month": 31}[unit]
    # half a day more reaches the next one across any change of the clocks
    return start_of(unit, began + timedelta(days=days, hours=12 if days < 31 else 24), zone)
