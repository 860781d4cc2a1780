"""New settings whose parts carry ways out: the ways follow their parts when these are moved.

The ways out of a branch are numbered after its cases and those of a split are named after its arms.
When somebody moves a case up, or gives an arm another name, its line means the same as before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.flows.editing.applying import exits_of
from engine.flows.editing.document import DraftNode, Kinds


def rearranged(
    name: str, node: DraftNode, settings: Mapping[str, Any], kinds: Kinds
) -> list[dict[str, Any]]:
    """The operations that give `node` these settings, as `read_operations` takes them."""
    change = {"op": "set_settings", "id": name, "settings": dict(settings)}
    after = DraftNode(node.kind, settings, {})
    moved = _moved(node, after, kinds)
    if not moved:
        return [change]
    asked: list[dict[str, Any]] = [change]
    for exit_name, was in moved.items():
        target = node.exits.get(was) if was is not None else None
        if target == node.exits.get(exit_name):
            continue
        asked.append(
            {"op": "disconnect", "source": name, "exit": exit_name}
            if target is None
            else {"op": "connect", "source": name, "exit": exit_name, "target": target}
        )
    return asked


def _moved(before: DraftNode, after: DraftNode, kinds: Kinds) -> dict[str, str | None]:
    """By each way out of a part, the way out that the same part had before."""
    for key, new in after.settings.items():
        old = before.settings.get(key)
        if not (isinstance(old, list | tuple) and isinstance(new, list | tuple)) or old == new:
            continue
        names_before = _ways_of(before, len(old), kinds)
        names_after = _ways_of(after, len(new), kinds)
        if names_before and names_after:
            return _followed(old, names_before, new, names_after)
    return {}


def _ways_of(node: DraftNode, count: int, kinds: Kinds) -> tuple[str, ...] | None:
    """The ways out that belong to parts: those beside the ones every node of the kind has."""
    kind = kinds.get(node.kind)
    if kind is None:
        return None
    always = set(kind.written_exits({}))
    ways = tuple(way for way in exits_of(node, kinds) if way not in always)
    return ways if len(ways) == count else None


def _followed(
    old: Any, names_before: tuple[str, ...], new: Any, names_after: tuple[str, ...]
) -> dict[str, str | None]:
    free = list(range(len(old)))
    found: dict[int, int] = {}
    for index, part in enumerate(new):
        same = next((place for place in free if old[place] == part), None)
        if same is not None:
            free.remove(same)
            found[index] = same
    if len(new) == len(old):
        # one that was changed where it stands
        for index in range(len(new)):
            if index not in found and index in free:
                free.remove(index)
                found[index] = index
    return {
        name: names_before[found[index]] if index in found else None
        for index, name in enumerate(names_after)
    }
