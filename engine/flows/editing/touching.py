"""What a change touched, so that two people meet only where they did the same thing."""

from __future__ import annotations

from typing import Final

from engine.flows.editing.document import FlowDocument

FIRST: Final = "$first"


def touched(before: FlowDocument, after: FlowDocument) -> frozenset[str]:
    """Names of steps that came, went or changed, keys of the flow as "$key", and "$first".

    Places in the drawing do not count: the later one holds.
    """
    names = {
        name
        for name in before.nodes.keys() | after.nodes.keys()
        if before.nodes.get(name) != after.nodes.get(name)
        or before.notes.get(name) != after.notes.get(name)
    }
    keys = {
        f"${key}"
        for part, other in ((before.head, after.head), (before.rest, after.rest))
        for key in part.keys() | other.keys()
        if part.get(key) != other.get(key)
    }
    first = {FIRST} if before.first != after.first else set()
    return frozenset(names | keys | first)
