"""Which of our people a pipeline means, as they are there now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from engine.people import Directory
from engine.steps.people import MANAGER, OWNER, addressee


def reached(
    people: Iterable[str], owner_id: int | None, directory: Directory, now: datetime
) -> list[int]:
    """Whoever is to be told, each once. Who is absent is reached through their deputy; where nobody
    is left the sales managers are, and else the admins: nothing is told to nobody."""
    found: list[int] = []
    for text in people:
        for person in _meant(text, owner_id, directory):
            acting = directory.stands_in(person, now)
            if acting is not None and acting not in found:
                found.append(acting)
    return found or _instead(directory, now)


def assignee(text: str, owner_id: int | None, directory: Directory, now: datetime) -> int | None:
    """Who gets a task: the first who is reached; None where that is nobody."""
    return next(iter(reached((text,), owner_id, directory, now)), None)


def _meant(text: str, owner_id: int | None, directory: Directory) -> Iterable[int]:
    meant = addressee(text)
    match meant.kind:
        case "team":
            return directory.members(meant.value)
        case "role":
            return directory.with_role(meant.value)
        case "user":
            person = directory.by_email(meant.value)
        case _ if meant.kind == OWNER:
            person = owner_id
        case _ if meant.kind == MANAGER:
            person = None if owner_id is None else directory.manager_of(owner_id)
        case _:
            person = None
    return () if person is None else (person,)


def _instead(directory: Directory, now: datetime) -> list[int]:
    for role in ("sales_manager", "admin"):
        there = [one for one in directory.with_role(role) if directory.is_present(one, now)]
        if there:
            return there
    # everybody is away: they read it when they come back
    return [*directory.with_role("sales_manager")] or [*directory.with_role("admin")]
