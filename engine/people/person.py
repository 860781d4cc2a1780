"""People, teams and absences, as everything that decides sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

# The roles that users have; what each of them may do is said in `engine.services.actor`.
ROLES: Final = ("admin", "marketer", "sales_manager", "rep", "service", "viewer")


@dataclass(frozen=True, slots=True)
class Person:
    """`team` and `calendar` are names. No `zone` means the company's; no `calendar` the team's,
    and where the team has none, the default one. Skills and territories are words in small letters.
    """

    id: int
    name: str
    email: str | None
    role: str
    team: str | None = None
    manager_id: int | None = None
    active: bool = True
    language: str = "en"
    zone: str | None = None
    calendar: str | None = None
    skills: frozenset[str] = frozenset()
    territories: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Team:
    """`member_ids` in the order of ids, inactive people too."""

    name: str
    head_id: int | None = None
    calendar: str | None = None
    member_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Absence:
    """Away from `starts_at` until just before `ends_at`; the deputy acts meanwhile."""

    user_id: int
    starts_at: datetime
    ends_at: datetime
    deputy_id: int | None = None

    def covers(self, at: datetime) -> bool:
        return self.starts_at <= at < self.ends_at
