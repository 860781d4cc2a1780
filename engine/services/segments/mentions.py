"""Which segments a stored document names, in a rule or as a flow's trigger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def mentioned(document: Any) -> frozenset[str]:
    """The names in every `member_of`, and in the trigger of a flow's definition."""
    return frozenset(_names(document))


def names_segments(definition: Any) -> bool:
    """Whether what a flow does depends on a saved segment."""
    return bool(mentioned(definition))


def _names(node: Any) -> Iterator[str]:
    if isinstance(node, list | tuple):
        for part in node:
            yield from _names(part)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "member_of":
                yield from _texts(value)
            elif key == "trigger" and isinstance(value, dict):
                yield from _texts(value.get("segment"))
            yield from _names(value)


def _texts(value: Any) -> Iterator[str]:
    names = value if isinstance(value, list | tuple) else (value,)
    for name in names:
        if isinstance(name, str):
            yield name
