"""Who there is at one moment of asking, and who acts for whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engine.people.person import Absence, Person, Team


@dataclass(frozen=True, slots=True)
class Directory:
    """Everybody who works here. Ids that nobody has are answered like people who have left.

    Absences of a person may overlap, for imports write what they like: each of them counts.
    """

    people: Mapping[int, Person] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)
    absences: Mapping[int, tuple[Absence, ...]] = field(default_factory=dict)

    def is_active(self, user_id: int) -> bool:
        person = self.people.get(user_id)
        return person is not None and person.active

    def is_absent(self, user_id: int, at: datetime) -> bool:
        return any(absence.covers(at) for absence in self.absences.get(user_id, ()))

    def is_present(self, user_id: int, at: datetime) -> bool:
        """Active and not absent."""
        return self.is_active(user_id) and not self.is_absent(user_id, at)

    def stands_in(self, user_id: int, at: datetime) -> int | None:
        """Who acts for this person now: themselves, else their deputy, else the deputy's deputy;
        None when nobody is left. Deputies that name each other in a circle are nobody.

        Somebody who has left acts no more, but the deputy of an absence that lasts still does.
        """
        line = self._line(user_id, at)
        return next((one for one in line if self.is_present(one, at)), None)

    def manager_of(self, user_id: int, levels: int = 1) -> int | None:
        """The manager so many levels up, whether present or not; None where the line ends before,
        or goes round in a circle."""
        seen, reached = {user_id}, user_id
        for _ in range(levels):
            person = self.people.get(reached)
            above = person.manager_id if person else None
            if above is None or above in seen or above not in self.people:
                return None
            seen.add(above)
            reached = above
        return reached

    def with_role(self, role: str) -> tuple[int, ...]:
        """Active people of a role, by id."""
        return tuple(
            sorted(one.id for one in self.people.values() if one.role == role and one.active)
        )

    def members(self, team: str) -> tuple[int, ...]:
        """Active people of a team, by id."""
        found = self.teams.get(team)
        return tuple(one for one in found.member_ids if self.is_active(one)) if found else ()

    def head_of(self, team: str) -> int | None:
        found = self.teams.get(team)
        return found.head_id if found else None

    def by_email(self, email: str) -> int | None:
        """Whoever has this address, however it is capitalised; active people go first."""
        wanted = email.strip().casefold()
        found = [
            one for one in self.people.values() if one.email and one.email.casefold() == wanted
        ]
        return min(found, key=lambda one: (not one.active, one.id)).id if found else None

    def calendar_of(self, user_id: int) -> str:
        """The name of the calendar this person works by; "" is the default one."""
        person = self.people.get(user_id)
        if person is None:
            return ""
        team = self.teams.get(person.team) if person.team else None
        return person.calendar or (team.calendar if team else None) or ""

    def zone_of(self, user_id: int, default: str) -> str:
        person = self.people.get(user_id)
        return (person.zone if person else None) or default

    def next_change(self, user_ids: Iterable[int], after: datetime) -> datetime | None:
        """When one of them, or of those who stand in for them, next becomes absent or comes back;
        None when nothing of the kind is known."""
        concerned: set[int] = set()
        for user_id in user_ids:
            self._add_deputies(user_id, concerned)
        moments = (
            moment
            for user_id in concerned
            for absence in self.absences.get(user_id, ())
            for moment in (absence.starts_at, absence.ends_at)
            if moment > after
        )
        return min(moments, default=None)

    def _line(self, user_id: int, at: datetime) -> Iterator[int]:
        """The person, then everybody who could act for them, nearest first, nobody twice."""
        waiting, seen = [user_id], set[int]()
        while waiting:
            candidate = waiting.pop(0)
            if candidate in seen:
                continue
            seen.add(candidate)
            yield candidate
            waiting += (
                absence.deputy_id
                for absence in self.absences.get(candidate, ())
                if absence.deputy_id is not None and absence.covers(at)
            )

    def _add_deputies(self, user_id: int, found: set[int]) -> None:
        waiting = [user_id]
        while waiting:
            candidate = waiting.pop()
            if candidate not in found:
                found.add(candidate)
                absences = self.absences.get(candidate, ())
                waiting += (one.deputy_id for one in absences if one.deputy_id is not None)
