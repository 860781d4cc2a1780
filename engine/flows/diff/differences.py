"""The difference of two flows as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, Final

from engine.flows.problems import Path


class Missing(Enum):
    """The value is not there at all; null is a value."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING


class Fate(StrEnum):
    """What became of a node. `moved`: another name, the same content."""

    SAME = "same"
    CHANGED = "changed"
    MOVED = "moved"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs; `path` is where it stands, e.g. ("cases", 0, "when").

    With `is_rule` both sides are rule documents (or missing); `reads_event` as `parse` wants it.
    """

    path: Path
    before: Any
    after: Any
    is_rule: bool = False
    reads_event: bool = False


@dataclass(frozen=True, slots=True)
class NodeDiff:
    """`name` is the node's new name, of a removed one its old name; `kind` likewise.

    `exits` lead elsewhere than before: a target that only has another name is no difference.
    """

    fate: Fate
    name: str
    kind: str
    was: str | None = None
    was_kind: str | None = None
    settings: tuple[Difference, ...] = ()
    exits: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowDiff:
    """`about` is what concerns the flow as a whole: trigger, entry, exit rule, goal, first step.

    `nodes` has every node of both, in the order of the new flow, removed ones last. `renames` gives
    the new name of nodes that were guessed to be the same by their content.
    """

    about: tuple[Difference, ...]
    nodes: tuple[NodeDiff, ...]
    renames: Mapping[str, str]

    @property
    def is_empty(self) -> bool:
        return not self.about and all(node.fate is Fate.SAME for node in self.nodes)

    @property
    def changed(self) -> tuple[NodeDiff, ...]:
        return tuple(node for node in self.nodes if node.fate is not Fate.SAME)
