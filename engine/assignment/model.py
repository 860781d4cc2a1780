"""What an assignment says: who gets which records, in which way, and who hears when nobody can."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from engine.rules import Subject

# Whoever takes the rule's team is told when nobody of it can.
HEAD: Final = "head"


class By(StrEnum):
    """How one of several is chosen: each in turn, who has least open work, or in proportion."""

    ROUND_ROBIN = "round_robin"
    LEAST_OPEN = "least_open"
    WEIGHTED = "weighted"


class IfNobody(StrEnum):
    """What happens when a rule holds and nobody it names can take the record: it waits in the
    queue, or the rules below are tried."""

    QUEUE = "queue"
    NEXT = "next"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A territory or a skill: by its name, or whatever the record says in `fact`."""

    name: str | None = None
    fact: str | None = None


@dataclass(frozen=True, slots=True)
class To:
    """Who may be chosen. What is said narrows: people of the team, of the role, among the users,
    who cover the territory and have the skill. `users` are folded e-mail addresses."""

    team: str | None = None
    users: tuple[str, ...] = ()
    territory: Wanted | None = None
    skill: Wanted | None = None
    role: str | None = None

    @property
    def names_somebody(self) -> bool:
        return bool(self.team or self.role or self.users or self.territory or self.skill)


@dataclass(frozen=True, slots=True)
class Target:
    """To whom, and how. `weights` are by folded e-mail address; whoever is not named weighs 1.
    `capacity_per_day` is how many records these rules give one person on a local day of theirs.
    """

    to: To
    by: By = By.ROUND_ROBIN
    weights: Mapping[str, int] = field(default_factory=dict)
    capacity_per_day: int | None = None
    only_present: bool = True
    keep_owner: bool = False
    if_nobody: IfNobody = IfNobody.QUEUE


@dataclass(frozen=True, slots=True)
class AssignmentRule:
    """`when` is a rule of dialect 1; None holds of every record. `name` keeps its place in the
    round from version to version."""

    name: str
    when: Any
    target: Target


@dataclass(frozen=True, slots=True)
class Otherwise:
    """Who is told that a record waits: "head" (of the rule's team), an e-mail address,
    "role:<role>" or "team:<team>" (its head, else everybody in it)."""

    tell: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """Ordered `rules`, or the decision `table` whose outcome names team, user, territory, skill and
    way; what a row leaves out is taken from `defaults`. Rules about contacts may be asked about
    deals and tickets too: the contact and the account behind them are read.
    """

    subject: Subject
    rules: tuple[AssignmentRule, ...] = ()
    table: str | None = None
    defaults: Target | None = None
    otherwise: Otherwise | None = None
