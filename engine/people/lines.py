"""What is odd about an organisation: lines that go round in a circle, teams without anybody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.errors import Problem
from engine.people.directory import Directory


def circle_above(directory: Directory, user_id: int) -> tuple[int, ...]:
    """The people of the circle in which this person's line of managers ends, from the lowest id on
    and upward; nobody where the line ends with somebody."""
    seen: list[int] = []
    reached: int | None = user_id
    while reached is not None and reached not in seen:
        seen.append(reached)
        person = directory.people.get(reached)
        reached = person.manager_id if person else None
    if reached is None:
        return ()
    circle = seen[seen.index(reached) :]
    lowest = circle.index(min(circle))
    return tuple(circle[lowest:] + circle[:lowest])


def circles(directory: Directory) -> list[tuple[int, ...]]:
    """Every circle of managers, once."""
    known: set[int] = set()
    found: set[tuple[int, ...]] = set()
    for user_id in directory.people:
        if user_id in known:
            continue
        circle = circle_above(directory, user_id)
        if circle:
            found.add(circle)
            known.update(circle)
    return sorted(found)


def circle_words(directory: Directory, circle: Sequence[int]) -> str:
    """ "Ada reports to Ben, Ben reports to Ada"; of long circles the beginning."""
    names = [directory.people[one].name if one in directory.people else f"#{one}" for one in circle]
    if len(names) == 1:
        return f"{names[0]} reports to themselves"
    pairs = zip(names, names[1:] + names[:1], strict=True)
    told = [f"{name} reports to {above}" for name, above in pairs]
    return ", ".join(told[:6]) + (", and so on" if len(told) > 6 else "")


def organisation_problems(directory: Directory) -> Iterator[Problem]:
    """What approvals and escalations would stumble over. Places are the names of people and
    teams; an import can bring any of this about."""
    for circle in circles(directory):
        name = directory.people[circle[0]].name
        words = (
            f"{circle_words(directory, circle)}: nobody is above them. Give one another manager."
        )
        yield Problem(name, "manager_circle", words)
    for person in directory.people.values():
        manager = directory.people.get(person.manager_id) if person.manager_id else None
        if person.active and manager is not None and not manager.active:
            words = f"reports to {manager.name}, who has left. Give them another manager."
            yield Problem(person.name, "manager_left", words)
    for team in directory.teams.values():
        if not directory.members(team.name):
            words = "nobody active is in this team, so work given to it reaches nobody."
            yield Problem(team.name, "empty_team", words)
        if team.head_id is not None and not directory.is_active(team.head_id):
            yield Problem(team.name, "head_left", "its head has left. Name another one.")
