"""What makes a kind of definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from engine.definitions.draft import DefinitionKind
from engine.definitions.world import World
from engine.errors import Problem


class KindOfDefinition(Protocol):
    """One object a package, exported as `KIND` and listed in `engine.definitions_known`."""

    @property
    def kind(self) -> DefinitionKind: ...

    def model(self, document: Mapping[str, Any], problems: list[Problem]) -> Any | None:
        """The document as values; what is wrong with its form is added to `problems`, with JSON
        pointers for places. None where nothing can be made of it; asks nothing of the world, so
        that a stored version is read in any state of it."""

    def check(self, model: Any, world: World) -> Sequence[Problem]:
        """What is wrong with a model that could be read, as the world is now."""


@runtime_checkable
class WarnsToo(Protocol):
    """A kind that also tells of what may be meant and looks like a mistake. It stops nobody."""

    def warnings(self, model: Any, world: World) -> Sequence[Problem]:
        """Of a model that has no mistakes; places as in `check`."""
