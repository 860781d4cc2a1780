"""The flow that somebody draws: what they would write in a file, parted into head and nodes.

A published flow is right and a document need not be: an exit may lead nowhere, a setting may be of
the wrong shape, two ways may be missing. Nothing is thrown away because it is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from engine.flows.model import StepKind

Kinds = Mapping[str, StepKind]
Position = tuple[float, float]

# The keys of a flow beside its steps, in the order in which they are written.
HEAD: Final = (
    "flow",
    "label",
    "subject",
    "purpose",
    "consent_note",
    "priority",
    "trigger",
    "entry",
    "exit_when",
    "goal",
    "holdout",
)


class Edge(NamedTuple):
    """A line of the drawing."""

    source: str
    exit: str
    target: str


@dataclass(frozen=True, slots=True)
class DraftNode:
    """`settings` are as people write them, without ways out; an exit that leads nowhere is not in
    `exits`."""

    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    exits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FlowDocument:
    """`notes` and `positions` belong to the drawing and are no part of what is published; a node
    without a position is laid out. `rest` are keys that no flow has, kept so that the check can
    name them."""

    head: Mapping[str, Any]
    nodes: Mapping[str, DraftNode]
    first: str | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    positions: Mapping[str, Position] = field(default_factory=dict)
    rest: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        name = self.head.get("flow")
        return name if isinstance(name, str) else ""

    def edges(self) -> Iterator[Edge]:
        """In the order of nodes and exits; those to nodes that do not exist are left out."""
        for source, node in self.nodes.items():
            for exit_name, target in node.exits.items():
                if target in self.nodes:
                    yield Edge(source, exit_name, target)

    def written(self, kinds: Kinds) -> dict[str, Any]:
        """What stands in a flow file; `load_flow` reads it, or says what is wrong with it."""
        document: dict[str, Any] = {key: self.head[key] for key in HEAD if key in self.head}
        if self.first is not None and self.first != next(iter(self.nodes), None):
            document["first"] = self.first
        steps = {name: _written(node, kinds) for name, node in self.nodes.items()}
        return {**document, **self.rest, "steps": steps}

    def stored(self, kinds: Kinds) -> dict[str, Any]:
        """As JSON, with what belongs to the drawing alone; `from_stored` reads it back. Which step
        comes first must not depend on the order of keys: a database keeps none."""
        return {
            "written": self.written(kinds),
            "order": list(self.nodes),
            "notes": dict(self.notes),
            "positions": {name: list(place) for name, place in self.positions.items()},
        }


def from_stored(stored: Mapping[str, Any], kinds: Kinds) -> FlowDocument:
    notes = {str(name): str(note) for name, note in stored.get("notes", {}).items()}
    positions = {name: (place[0], place[1]) for name, place in stored.get("positions", {}).items()}
    written = stored["written"]
    steps = written["steps"]
    ordered = {name: steps[name] for name in stored.get("order", ()) if name in steps}
    return from_written(
        {**written, "steps": ordered | steps}, kinds, notes=notes, positions=positions
    )


def from_written(
    written: Mapping[str, Any],
    kinds: Kinds,
    *,
    notes: Mapping[str, str] | None = None,
    positions: Mapping[str, Position] | None = None,
) -> FlowDocument:
    """What a file says, whether it is right or not. Notes and places of nodes that are not there
    are left out."""
    steps = written.get("steps")
    nodes = (
        {
            str(name): _node(raw, kinds)
            for name, raw in steps.items()
            if isinstance(raw, dict) and isinstance(raw.get("do"), str)
        }
        if isinstance(steps, dict)
        else {}
    )
    first = written.get("first")
    head = {key: written[key] for key in HEAD if key in written}
    known = {*HEAD, "first", "steps"}
    return FlowDocument(
        head=head,
        nodes=nodes,
        first=first if isinstance(first, str) and first in nodes else next(iter(nodes), None),
        notes={name: note for name, note in (notes or {}).items() if name in nodes},
        positions={name: place for name, place in (positions or {}).items() if name in nodes},
        rest={key: value for key, value in written.items() if key not in known},
    )


def new_document(name: str, label: str, purpose: str = "marketing") -> FlowDocument:
    """A flow with nothing in it but its name."""
    head = {"flow": name, "label": label, "subject": "contact", "purpose": purpose}
    return FlowDocument(head={**head, "trigger": {"on": "manual"}, "entry": "once"}, nodes={})


def _node(raw: Mapping[str, Any], kinds: Kinds) -> DraftNode:
    kind = raw["do"]
    if kind not in kinds:
        settings = {key: value for key, value in raw.items() if key != "do"}
        return DraftNode(kind, settings)
    settings, exits = kinds[kind].split_exits(raw)
    ways = {name: target for name, target in exits.items() if isinstance(target, str) and target}
    return DraftNode(kind, settings, ways)


def _written(node: DraftNode, kinds: Kinds) -> dict[str, Any]:
    kind = kinds.get(node.kind)
    if kind is None:
        return {"do": node.kind, **node.settings}
    try:
        written = {"do": node.kind, **kind.join_exits(node.settings, node.exits)}
        if kind.split_exits(written) == (dict(node.settings), dict(node.exits)):
            return written
    except (KeyError, TypeError, AttributeError):
        pass
    return _as_it_is(node, kind)


def _as_it_is(node: DraftNode, kind: StepKind) -> dict[str, Any]:
    """Of settings that should carry the ways out and are of the wrong shape: they are kept as they
    are, for the check to name, with those ways out that have a place of their own."""
    written: dict[str, Any] = {"do": node.kind, **node.settings}
    for name, target in node.exits.items():
        try:
            path = kind.exit_path(written, name)
        except (KeyError, TypeError, AttributeError):
            continue
        if len(path) == 1:
            written[str(path[0])] = target
    return written
