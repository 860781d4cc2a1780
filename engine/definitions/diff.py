"""What differs between two definitions, place by place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.flows.problems import pointer_to


@dataclass(frozen=True, slots=True)
class Difference:
    """`before` is None for what was added, `after` for what was taken away; a value that is None
    in the document counts as not there. Lists are compared item by item."""

    pointer: str
    before: Any
    after: Any


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """In the order of the newer document, then what was taken away."""
    return list(_differing(before, after, ()))


def _differing(before: Any, after: Any, path: tuple[str | int, ...]) -> Iterator[Difference]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        keys: list[str] = [*after, *(key for key in before if key not in after)]
        for key in keys:
            yield from _differing(before.get(key), after.get(key), (*path, key))
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            old = before[index] if index < len(before) else None
            new = after[index] if index < len(after) else None
            yield from _differing(old, new, (*path, index))
    elif type(before) is not type(after) or before != after:
        yield Difference(pointer_to(path), before, after)
