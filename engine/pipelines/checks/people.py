"""People a pipeline names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.definitions import World
from engine.errors import Problem
from engine.flows.problems import did_you_mean, shown
from engine.steps.people import addressee


def people_problems(people: Iterable[str], world: World, place: str) -> Iterator[Problem]:
    """Teams and users that are not there; roles are known when the document is read."""
    for at, text in enumerate(people):
        meant = addressee(text)
        if meant.kind == "team" and not world.has_team(meant.value):
            known = world.directory.teams if world.directory else ()
            words = f"there is no team {shown(meant.value)}; {did_you_mean(meant.value, known)}"
            yield Problem(f"{place}/{at}", "unknown_team", words)
        elif meant.kind == "user" and not world.has_person(meant.value):
            words = f"nobody active has the address {shown(meant.value)}."
            yield Problem(f"{place}/{at}", "unknown_person", words)
