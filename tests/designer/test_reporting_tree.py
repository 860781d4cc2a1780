"""Who reports to whom as a tree, whatever an import has brought about."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from designer.people.reporting_tree import Branch, branches
from engine.people import Person


def person(id_: int, manager: int | None = None, *, active: bool = True) -> Person:
    return Person(id_, f"Person {id_}", None, "rep", manager_id=manager, active=active)


def ids(found: Sequence[Branch]) -> list[int]:
    return [one for branch in found for one in (branch.person.id, *ids(branch.below))]


def test_people_stand_below_those_they_report_to() -> None:
    people = {one.id: one for one in (person(1), person(2, 1), person(3, 2), person(4, 1))}
    [top] = branches(people)
    assert (top.person.id, top.count) == (1, 3)
    assert [one.person.id for one in top.below] == [2, 4]


def test_those_whose_manager_has_left_stand_at_the_top() -> None:
    people = {one.id: one for one in (person(1, active=False), person(2, 1), person(3, 99))}
    assert ids(branches(people)) == [2, 3]


@given(st.lists(st.integers(0, 8), min_size=1, max_size=9))
def test_everybody_stands_there_once_even_in_circles(managers: list[int]) -> None:
    people = {at: person(at, manager) for at, manager in enumerate(managers)}
    assert sorted(ids(branches(people))) == sorted(people)
