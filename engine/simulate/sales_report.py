"""What happened to deals on the virtual clock, and to whom it was told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Happened:
    """`what` is "alert", "rot", "escalated", "held" (nobody is there), "unanswered"
    (all levels were told), "moved_by_itself" or "no_policy" (it is not published).

    `people` were told. `about` is a policy, or the stage a deal moved to; `level` counts from 1.
    """

    at: datetime
    deal_id: int
    stage: str
    what: str
    people: tuple[int, ...] = ()
    about: str = ""
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Rotten:
    """A deal that was silent for too long: when that was seen first, how often, and how far up it
    went (0: nobody above was told)."""

    deal_id: int
    stage: str
    first_at: datetime
    times: int
    highest_level: int
    told: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SalesReport:
    """`happened` in the order of time."""

    start: datetime
    until: datetime
    deals: int
    happened: tuple[Happened, ...]

    def rotten(self) -> tuple[Rotten, ...]:
        """The furthest up first, then the longest silent."""
        own: dict[int, list[Happened]] = {}
        for one in self.happened:
            own.setdefault(one.deal_id, []).append(one)
        found = [made for of in own.values() if (made := _rotten(of)) is not None]
        return tuple(sorted(found, key=lambda one: (-one.highest_level, one.first_at, one.deal_id)))

    def told(self) -> Mapping[int, Counter[str]]:
        """By person: how often of what."""
        found: dict[int, Counter[str]] = {}
        for one in self.happened:
            for person in one.people:
                found.setdefault(person, Counter())[one.what] += 1
        return found

    def by_stage(self) -> Mapping[str, Counter[str]]:
        """How many deals of each stage met what; each deal once for each."""
        seen = {(one.stage, one.what, one.deal_id) for one in self.happened}
        found: dict[str, Counter[str]] = {}
        for stage, what, _ in sorted(seen):
            found.setdefault(stage, Counter())[what] += 1
        return found

    def levels(self) -> Mapping[tuple[str, int], int]:
        """How many deals each level of each policy was told of."""
        seen = {
            (one.about, one.level, one.deal_id)
            for one in self.happened
            if one.what == "escalated" and one.level is not None
        }
        return Counter((policy, level) for policy, level, _ in sorted(seen))


def _rotten(happened: list[Happened]) -> Rotten | None:
    rots = [one for one in happened if one.what == "rot"]
    if not rots:
        return None
    return Rotten(
        rots[0].deal_id,
        rots[0].stage,
        rots[0].at,
        len(rots),
        max((one.level or 0 for one in happened), default=0),
        tuple(dict.fromkeys(person for one in happened for person in one.people)),
    )
