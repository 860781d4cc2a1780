"""Who reports to whom, as a tree. Lines that go round in a circle begin at the top."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.people import Person


@dataclass(frozen=True, slots=True)
class Branch:
    """A person and those who report to them, by name."""

    person: Person
    below: tuple[Branch, ...] = ()

    @property
    def count(self) -> int:
        """Everybody below, at every level."""
        return sum(1 + one.count for one in self.below)


def branches(people: Mapping[int, Person]) -> tuple[Branch, ...]:
    """Everybody who works here, once. Whoever has no manager who works here stands at the top; of a
    circle, the one with the lowest id does."""
    active = {id_: one for id_, one in people.items() if one.active}
    below: dict[int, list[Person]] = defaultdict(list)
    tops: list[Person] = []
    for person in active.values():
        if person.manager_id in active:
            below[person.manager_id or 0].append(person)
        else:
            tops.append(person)
    placed: set[int] = set()
    found = [_branch(one, below, placed) for one in _by_name(tops)]
    # what is left reports to each other in circles
    for id_ in sorted(active):
        if id_ not in placed:
            found.append(_branch(active[id_], below, placed))
    return tuple(found)


def _branch(person: Person, below: Mapping[int, list[Person]], placed: set[int]) -> Branch:
    placed.add(person.id)
    under = [one for one in _by_name(below.get(person.id, [])) if one.id not in placed]
    return Branch(person, tuple(_branch(one, below, placed) for one in under))


def _by_name(people: Sequence[Person]) -> list[Person]:
    return sorted(people, key=lambda one: (one.name.casefold(), one.id))
