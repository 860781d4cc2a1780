"""Where records are given out: one after the other, each knowing what went before it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from engine.assignment.choosing import PassedOver, Round, Sought, Why, Work, choose
from engine.assignment.model import IfNobody
from engine.assignment.routing import Route, Routes, said_by
from engine.local_time import local_date, start_of_day
from engine.people import Directory
from engine.rules import Facts

# A queue is looked through at least so often, for whatever nobody can foresee: somebody hired,
# a territory written down, a fact mended.
LOOK_AGAIN: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Tried:
    """A rule that held, and who of its people could not take the record."""

    place: str
    team: str | None
    by: str
    passed: tuple[PassedOver, ...]
    territory: str | None = None
    skill: str | None = None

    def as_json(self) -> dict[str, Any]:
        said: dict[str, Any] = {"rule": self.place, "by": self.by}
        for key, value in (("team", self.team), ("territory", self.territory)):
            if value is not None:
                said[key] = value
        if self.skill is not None:
            said["skill"] = self.skill
        if self.passed:
            said["passed"] = [{"user_id": one.user_id, "why": one.why} for one in self.passed]
        return said


@dataclass(frozen=True, slots=True)
class Decided:
    """`tried` are the rules that held, the one that decided last; without any, no rule held.
    `look_again` is when somebody who was passed over may be free, where nobody was chosen.
    """

    user_id: int | None
    tried: tuple[Tried, ...] = ()
    kept: bool = False
    look_again: datetime | None = None

    @property
    def team(self) -> str | None:
        """The team whose head answers for a record that nobody takes."""
        return next((one.team for one in reversed(self.tried) if one.team is not None), None)

    def as_json(self) -> dict[str, Any]:
        said: dict[str, Any] = {"tried": [one.as_json() for one in self.tried]}
        return {**said, "kept": True} if self.kept else said


@dataclass(slots=True)
class Desk:
    """The people, their work and the rounds, as they are and as each decision leaves them.

    `default_zone` is that of people who have none. Rounds that were used are in `rounds`.
    """

    routes: Routes
    people: Directory
    default_zone: str
    rounds: dict[str, Round] = field(default_factory=dict)
    work: Work = field(default_factory=Work)

    def decide(
        self, facts: Facts, owner_id: int | None, now: datetime, zone: str | None = None
    ) -> Decided:
        """Who gets the record with these facts; `zone` is where its contact lives."""
        tried: list[Tried] = []
        for route in self.routes.of(facts, now, zone or self.default_zone):
            target = route.target
            if target.keep_owner and owner_id is not None and self.people.is_active(owner_id):
                tried.append(Tried(route.place, target.to.team, target.by, ()))
                return Decided(owner_id, tuple(tried), kept=True)
            chosen = self._ask(route, facts, now, tried)
            if chosen is not None:
                return Decided(chosen, tuple(tried))
            if target.if_nobody is IfNobody.QUEUE:
                break
        return Decided(None, tuple(tried), look_again=self._look_again(tried, now))

    def _ask(self, route: Route, facts: Facts, now: datetime, tried: list[Tried]) -> int | None:
        target = route.target
        sought = Sought(
            target, said_by(target.to.territory, facts), said_by(target.to.skill, facts)
        )
        turn = self.rounds.setdefault(route.place, Round())
        chosen = choose(sought, self.people, self.work, turn, now)
        tried.append(
            Tried(
                *(route.place, target.to.team, target.by, chosen.passed),
                *(sought.territory, sought.skill),
            )
        )
        return chosen.user_id

    def _look_again(self, tried: list[Tried], now: datetime) -> datetime:
        """When the first of those passed over may be free again."""
        moments = [now + LOOK_AGAIN]
        away: set[int] = set()
        for one in (passed for rule in tried for passed in rule.passed):
            if one.why is Why.ABSENT:
                away.add(one.user_id)
            if one.why is Why.FULL:
                moments.append(self.day_of(one.user_id, now)[1])
        if away and (back := self.people.next_change(away, now)) is not None:
            moments.append(back)
        return min(moments)

    def day_of(self, user_id: int, now: datetime) -> tuple[datetime, datetime]:
        """The person's local day: when it began, and when the next begins."""
        return local_day(self.people, user_id, now, self.default_zone)


def local_day(
    people: Directory, user_id: int, now: datetime, default_zone: str
) -> tuple[datetime, datetime]:
    zone = people.zone_of(user_id, default_zone)
    today = local_date(now, zone)
    return start_of_day(today, zone), start_of_day(today + timedelta(days=1), zone)
