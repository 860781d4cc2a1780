"""Other definitions that a pipeline names."""

from __future__ import annotations

from collections.abc import Iterator

from engine.definitions import DefinitionKind, World
from engine.errors import Problem
from engine.flows.problems import did_you_mean, shown


def definition_problems(
    kind: DefinitionKind, name: str, world: World, place: str
) -> Iterator[Problem]:
    """That it is not there, if it is not."""
    if not world.has_definition(kind, name):
        known = (world.names or {}).get(kind, frozenset())
        words = f"there is no {kind.spoken} {shown(name)}; {did_you_mean(name, sorted(known))}"
        yield Problem(place, f"unknown_{kind.value}", words)
