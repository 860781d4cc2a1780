"""Documents that say how work is done: read with every mistake and its place."""

from engine.definitions.draft import DefinitionKind, DefinitionRefused, Draft, located
from engine.definitions.kind import KindOfDefinition, WarnsToo
from engine.definitions.reading import read_definition
from engine.definitions.world import World

__all__ = [
    "DefinitionKind",
    "DefinitionRefused",
    "Draft",
    "KindOfDefinition",
    "WarnsToo",
    "World",
    "located",
    "read_definition",
]
