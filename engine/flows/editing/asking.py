"""What somebody does on the canvas, as operations on the document.

The canvas draws the trigger as a place with one way out, which the document has not; and it leaves
it to us to name new steps and to give them something to begin with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.flows.editing.applying import apply, exits_of
from engine.flows.editing.document import FlowDocument, Kinds
from engine.flows.editing.operations import (
    MOST_OPERATIONS,
    AddNode,
    Operation,
    OperationRefused,
    Paste,
    read_operations,
)

# The place before the first step. Names of steps cannot start with a dollar sign.
TRIGGER: Final = "$trigger"

Starts = Mapping[str, Mapping[str, Any]]


def read_asked(
    given: Any, document: FlowDocument, kinds: Kinds, starts: Starts
) -> tuple[list[Operation], FlowDocument]:
    """The operations, and the document after them. `starts` are settings that new steps of a kind
    begin with. Raises OperationRefused, and then nothing is done."""
    if not isinstance(given, list) or len(given) > MOST_OPERATIONS:
        raise OperationRefused("bad_operation", "A list of operations was expected.")
    done: list[Operation] = []
    for raw in given:
        for operation in _meant(raw, document, kinds, starts):
            document = apply(document, operation, kinds)
            done.append(operation)
    return done, document


def new_names(before: FlowDocument, after: FlowDocument) -> list[str]:
    return [name for name in after.nodes if name not in before.nodes]


def steps_written(document: FlowDocument, ids: Sequence[str], kinds: Kinds) -> dict[str, Any]:
    """The steps of these names as a `paste` takes them, with their places."""
    steps = document.written(kinds)["steps"]
    wanted = [name for name in dict.fromkeys(ids) if name in document.nodes]
    return {
        "steps": {name: steps[name] for name in wanted},
        "positions": {
            name: list(document.positions[name]) for name in wanted if name in document.positions
        },
    }


def _meant(raw: Any, document: FlowDocument, kinds: Kinds, starts: Starts) -> Sequence[Operation]:
    match raw:
        case {"op": "add_node"}:
            return _added(raw, document, kinds, starts)
        case {"op": "connect", "source": "$trigger", "target": target}:
            return read_operations([{"op": "set_first", "id": target}])
        case {"op": "disconnect", "source": "$trigger"}:
            raise OperationRefused("first_needed", "A flow has a first step.")
        case _:
            return read_operations([raw])


def _added(
    raw: Mapping[str, Any], document: FlowDocument, kinds: Kinds, starts: Starts
) -> Sequence[Operation]:
    kind = raw.get("kind")
    if not isinstance(kind, str):
        raise OperationRefused("bad_operation", "A step needs a kind.")
    name = raw.get("id") or free_name(kind, document)
    settings = raw.get("settings") or dict(starts.get(kind, {}))
    after = raw.get("after")
    is_first = isinstance(after, list | tuple) and list(after[:1]) == [TRIGGER]
    also = _more_ways(raw, after, name)
    plain = {key: value for key, value in raw.items() if key != "also"}
    plain = {**plain, "id": name, "settings": settings}
    [add] = read_operations([{**plain, "after": None} if is_first else plain])
    if not is_first or not isinstance(add, AddNode):
        return [add, *also]
    return [add, *_before_all(add, document, kinds)]


def _more_ways(raw: Mapping[str, Any], after: Any, name: str) -> Sequence[Operation]:
    """Further ways out of the step before that lead to the new one too."""
    also = raw.get("also")
    if not isinstance(also, list) or not isinstance(after, list | tuple) or not after:
        return ()
    return read_operations(
        [{"op": "connect", "source": after[0], "exit": way, "target": name} for way in also]
    )


def _before_all(add: AddNode, document: FlowDocument, kinds: Kinds) -> Sequence[Operation]:
    """The new step leads to what was first, by every way it has, and becomes the first."""
    asked: list[dict[str, Any]] = []
    if document.first is not None:
        node = apply(document, add, kinds).nodes[add.id]
        asked = [
            {"op": "connect", "source": add.id, "exit": name, "target": document.first}
            for name in exits_of(node, kinds)
        ]
    return read_operations([*asked, {"op": "set_first", "id": add.id}])


def free_name(kind: str, document: FlowDocument) -> str:
    """The kind itself, or with the first number that is free: "wait", "wait_2"."""
    if kind not in document.nodes:
        return kind
    number = 2
    while f"{kind}_{number}" in document.nodes:
        number += 1
    return f"{kind}_{number}"


def placed(paste: Paste, at: tuple[float, float] | None) -> Paste:
    """The steps around another place: the uppermost leftmost of them comes there."""
    if at is None or not paste.positions:
        return paste.model_copy(update={"positions": {}}) if at is None else paste
    left = min(place[0] for place in paste.positions.values())
    top = min(place[1] for place in paste.positions.values())
    moved = {
        name: (place[0] - left + at[0], place[1] - top + at[1])
        for name, place in paste.positions.items()
    }
    return paste.model_copy(update={"positions": moved})
