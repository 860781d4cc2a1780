"""Choosing one of several people, and saying who was passed over and why.

Everything here is decided by what is given: the same people, work and round give the same choice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from engine.assignment.model import By, Target
from engine.people import Directory
from engine.rules.text_folding import fold


class Why(StrEnum):
    """Why somebody was passed over."""

    INACTIVE = "inactive"
    ABSENT = "absent"
    FULL = "full"
    TERRITORY = "territory"
    SKILL = "skill"


@dataclass(frozen=True, slots=True)
class PassedOver:
    user_id: int
    why: Why


@dataclass(slots=True)
class Round:
    """Whose turn it is: who was given something last, and how much each is owed of what was given
    by weight. Credits of those who could be chosen sum up to nought."""

    last: int | None = None
    credits: dict[int, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"last": self.last, "credits": {str(k): v for k, v in self.credits.items() if v}}

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> Round:
        owed = document.get("credits", {})
        return Round(document.get("last"), {int(key): value for key, value in owed.items()})


@dataclass(slots=True)
class Work:
    """What people have to do: open work by person, and what these rules gave them today."""

    open: dict[int, int] = field(default_factory=dict)
    today: dict[int, int] = field(default_factory=dict)

    def took(self, user_id: int) -> None:
        self.open[user_id] = self.open.get(user_id, 0) + 1
        self.today[user_id] = self.today.get(user_id, 0) + 1


@dataclass(frozen=True, slots=True)
class Sought:
    """A rule's target for one record: its territory and skill as the record has them. An empty
    text is one the record should name and does not: nobody covers it."""

    target: Target
    territory: str | None = None
    skill: str | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    user_id: int | None
    passed: tuple[PassedOver, ...] = ()


def choose(sought: Sought, people: Directory, work: Work, turn: Round, at: datetime) -> Chosen:
    """One of those who can take a record at `at`; the round and the work go on with it."""
    able, passed = who_can(sought, people, work, at)
    if not able:
        return Chosen(None, passed)
    chosen = _one_of(able, sought.target, people, work, turn)
    turn.last = chosen
    work.took(chosen)
    return Chosen(chosen, passed)


def who_can(
    sought: Sought, people: Directory, work: Work, at: datetime
) -> tuple[list[int], tuple[PassedOver, ...]]:
    """Those who can take a record, in the order of their ids, and those who cannot."""
    able: list[int] = []
    passed: list[PassedOver] = []
    for user_id in named_by(sought.target, people):
        why = _hindrance(user_id, sought, people, work, at)
        if why is None:
            able.append(user_id)
        else:
            passed.append(PassedOver(user_id, why))
    return able, tuple(passed)


def named_by(target: Target, people: Directory) -> list[int]:
    """Whom a target means before anything is asked of them, in the order of their ids. Where only
    a territory or skill is said, these are all active people who have any at all."""
    to = target.to
    found: Collection[int] = people.people
    if to.team is not None:
        found = people.members(to.team)
    if to.role is not None:
        found = [one for one in found if people.people[one].role == to.role]
        found = [one for one in found if people.is_active(one)]
    if to.users:
        wanted = set(to.users)
        found = [one for one in found if fold(people.people[one].email or "") in wanted]
    elif to.team is None and to.role is None:
        found = [one for one in found if _is_meant(one, target, people)]
    return sorted(found)


def _is_meant(user_id: int, target: Target, people: Directory) -> bool:
    person = people.people[user_id]
    if not person.active:
        return False
    return bool(person.territories if target.to.territory else person.skills)


def _hindrance(
    user_id: int, sought: Sought, people: Directory, work: Work, at: datetime
) -> Why | None:
    """What a person can least help comes first."""
    target, person = sought.target, people.people[user_id]
    capacity = target.capacity_per_day
    if not person.active:
        return Why.INACTIVE
    if sought.territory is not None and not has(person.territories, sought.territory):
        return Why.TERRITORY
    if sought.skill is not None and not has(person.skills, sought.skill):
        return Why.SKILL
    if target.only_present and people.is_absent(user_id, at):
        return Why.ABSENT
    if capacity is not None and work.today.get(user_id, 0) >= capacity:
        return Why.FULL
    return None


def has(names: frozenset[str], wanted: str) -> bool:
    """Whether one of the names, which are in small letters, is meant."""
    return fold(wanted) in names


def _one_of(able: Sequence[int], target: Target, people: Directory, work: Work, turn: Round) -> int:
    if target.by is By.WEIGHTED:
        return _by_weight(able, target, people, turn)
    if target.by is By.LEAST_OPEN:
        least = min(work.open.get(one, 0) for one in able)
        able = [one for one in able if work.open.get(one, 0) == least]
    following = [one for one in able if turn.last is not None and one > turn.last]
    return (following or able)[0]


def _by_weight(able: Sequence[int], target: Target, people: Directory, turn: Round) -> int:
    """Each is owed its weight with every choice; who is owed most is chosen and pays for all.

    Shares are kept as closely as whole records allow. Somebody who is away neither earns nor pays,
    so nobody is flooded on coming back.
    """
    weights = {one: _weight(one, target, people) for one in able}
    for one, weight in weights.items():
        turn.credits[one] = turn.credits.get(one, 0) + weight
    chosen = max(able, key=lambda one: (turn.credits[one], -one))
    turn.credits[chosen] -= sum(weights.values())
    return chosen


def _weight(user_id: int, target: Target, people: Directory) -> int:
    return target.weights.get(fold(people.people[user_id].email or ""), 1)
