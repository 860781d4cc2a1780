"""What becomes of a document by an operation."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from engine.flows.editing.document import (
    HEAD,
    DraftNode,
    FlowDocument,
    Kinds,
    Position,
    from_written,
)
from engine.flows.editing.operations import (
    MOST_NODES,
    AddNode,
    Connect,
    Disconnect,
    LayOut,
    MoveNodes,
    Operation,
    OperationRefused,
    Paste,
    RemoveNodes,
    Rename,
    SetFirst,
    SetHead,
    SetNote,
    SetSettings,
    SetWritten,
)

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")


def apply(document: FlowDocument, operation: Operation, kinds: Kinds) -> FlowDocument:
    """The document afterwards; raises OperationRefused and changes nothing."""
    return _APPLY[operation.op](document, operation, kinds)


def _add(document: FlowDocument, asked: AddNode, kinds: Kinds) -> FlowDocument:
    _free_name(document, asked.id)
    if len(document.nodes) >= MOST_NODES:
        raise OperationRefused("too_many_nodes", f"A flow has at most {MOST_NODES} steps.")
    if asked.kind not in kinds:
        raise OperationRefused("unknown_kind", f'There is no step "{asked.kind}".', asked.id)
    new = DraftNode(asked.kind, asked.settings)
    nodes = dict(document.nodes)
    if asked.after is not None:
        source, exit_name = asked.after
        before = _with_exit(document, source, exit_name, kinds)
        target = before.exits.get(exit_name)
        if target is not None:
            new = replace(new, exits=dict.fromkeys(exits_of(new, kinds), target))
        nodes[source] = replace(before, exits={**before.exits, exit_name: asked.id})
    nodes[asked.id] = new
    positions = dict(document.positions)
    if asked.position is not None:
        positions[asked.id] = asked.position
    return replace(document, nodes=nodes, positions=positions, first=document.first or asked.id)


def _remove(document: FlowDocument, asked: RemoveNodes, kinds: Kinds) -> FlowDocument:
    del kinds
    gone = [name for name in dict.fromkeys(asked.ids) if name in document.nodes]
    nodes = dict(document.nodes)
    first = document.first
    for name in gone:
        behind = set(nodes[name].exits.values()) - {name}
        heir = next(iter(behind)) if len(behind) == 1 else None
        del nodes[name]
        if heir not in nodes:
            heir = None
        nodes = {one: _led_on(node, name, heir) for one, node in nodes.items()}
        if first == name:
            first = heir or next(iter(nodes), None)
    return _pruned(replace(document, nodes=nodes, first=first))


def _led_on(node: DraftNode, gone: str, heir: str | None) -> DraftNode:
    if gone not in node.exits.values():
        return node
    exits = {name: heir if to == gone else to for name, to in node.exits.items()}
    return replace(node, exits={name: to for name, to in exits.items() if to is not None})


def _connect(document: FlowDocument, asked: Connect, kinds: Kinds) -> FlowDocument:
    node = _with_exit(document, asked.source, asked.exit, kinds)
    _node(document, asked.target)
    return _with(document, asked.source, exits={**node.exits, asked.exit: asked.target})


def _disconnect(document: FlowDocument, asked: Disconnect, kinds: Kinds) -> FlowDocument:
    del kinds
    node = _node(document, asked.source)
    exits = {name: target for name, target in node.exits.items() if name != asked.exit}
    return _with(document, asked.source, exits=exits)


def _rename(document: FlowDocument, asked: Rename, kinds: Kinds) -> FlowDocument:
    del kinds
    _node(document, asked.id)
    if asked.id == asked.to:
        return document
    _free_name(document, asked.to)

    def named(name: str) -> str:
        return asked.to if name == asked.id else name

    nodes = {
        named(name): replace(
            node, exits={exit_name: named(target) for exit_name, target in node.exits.items()}
        )
        for name, node in document.nodes.items()
    }
    return replace(
        document,
        nodes=nodes,
        first=None if document.first is None else named(document.first),
        notes={named(name): note for name, note in document.notes.items()},
        positions={named(name): place for name, place in document.positions.items()},
    )


def _set_settings(document: FlowDocument, asked: SetSettings, kinds: Kinds) -> FlowDocument:
    node = replace(_node(document, asked.id), settings=asked.settings)
    there = exits_of(node, kinds)
    exits = {name: target for name, target in node.exits.items() if name in there}
    return _with(document, asked.id, settings=asked.settings, exits=exits)


def _set_head(document: FlowDocument, asked: SetHead, kinds: Kinds) -> FlowDocument:
    del kinds
    if asked.key not in HEAD:
        raise OperationRefused("unknown_key", f'A flow has no "{asked.key}".')
    head = {key: value for key, value in document.head.items() if key != asked.key}
    if asked.value is not None:
        head[asked.key] = asked.value
    return replace(document, head=head)


def _set_note(document: FlowDocument, asked: SetNote, kinds: Kinds) -> FlowDocument:
    del kinds
    _node(document, asked.id)
    notes = {name: note for name, note in document.notes.items() if name != asked.id}
    if asked.text.strip():
        notes[asked.id] = asked.text
    return replace(document, notes=notes)


def _set_first(document: FlowDocument, asked: SetFirst, kinds: Kinds) -> FlowDocument:
    del kinds
    _node(document, asked.id)
    return replace(document, first=asked.id)


def _move(document: FlowDocument, asked: MoveNodes, kinds: Kinds) -> FlowDocument:
    """Places of nodes that are gone meanwhile are left out."""
    del kinds
    moved: dict[str, Position] = {
        name: place for name, place in asked.positions.items() if name in document.nodes
    }
    return replace(document, positions={**document.positions, **moved})


def _lay_out(document: FlowDocument, asked: LayOut, kinds: Kinds) -> FlowDocument:
    del asked, kinds
    return replace(document, positions={})


def _paste(document: FlowDocument, asked: Paste, kinds: Kinds) -> FlowDocument:
    if len(document.nodes) + len(asked.steps) > MOST_NODES:
        raise OperationRefused("too_many_nodes", f"A flow has at most {MOST_NODES} steps.")
    pasted = from_written({"steps": asked.steps}, kinds)
    taken = set(document.nodes)
    names: dict[str, str] = {}
    for name in pasted.nodes:
        names[name] = _another_name(name, taken)
        taken.add(names[name])
    nodes = dict(document.nodes)
    for name, node in pasted.nodes.items():
        exits = {one: names[to] for one, to in node.exits.items() if to in names}
        nodes[names[name]] = replace(node, exits=exits)
    places = {names[name]: place for name, place in asked.positions.items() if name in names}
    first = document.first or next(iter(nodes), None)
    return replace(document, nodes=nodes, positions={**document.positions, **places}, first=first)


def _another_name(name: str, taken: set[str]) -> str:
    """The name itself, or the first of `name_2`, `name_3` ... that is free."""
    stem = name if _NAME.fullmatch(name) else "step"
    found, number = stem, 2
    while found in taken:
        found = f"{stem[:58]}_{number}"
        number += 1
    return found


def _set_written(document: FlowDocument, asked: SetWritten, kinds: Kinds) -> FlowDocument:
    """Notes and places stay with the nodes whose names stay."""
    return from_written(asked.document, kinds, notes=document.notes, positions=document.positions)


def exits_of(node: DraftNode, kinds: Kinds) -> tuple[str, ...]:
    """Every way out of a node, connected or not. Settings that are wrong elsewhere still tell."""
    kind = kinds.get(node.kind)
    return () if kind is None else kind.written_exits(node.settings)


def _with(
    document: FlowDocument,
    name: str,
    *,
    settings: Mapping[str, Any] | None = None,
    exits: Mapping[str, str] | None = None,
) -> FlowDocument:
    node = document.nodes[name]
    new = replace(
        node,
        settings=node.settings if settings is None else settings,
        exits=node.exits if exits is None else exits,
    )
    return replace(document, nodes={**document.nodes, name: new})


def _node(document: FlowDocument, name: str) -> DraftNode:
    node = document.nodes.get(name)
    if node is None:
        raise OperationRefused("unknown_node", f'There is no step "{name}" any more.', name)
    return node


def _with_exit(document: FlowDocument, name: str, exit_name: str, kinds: Kinds) -> DraftNode:
    """The node, which has this way out."""
    node = _node(document, name)
    if exit_name not in exits_of(node, kinds):
        message = f'"{name}" has no way out called "{exit_name}".'
        raise OperationRefused("unknown_exit", message, name)
    return node


def _free_name(document: FlowDocument, name: str) -> None:
    if not _NAME.fullmatch(name):
        message = f'"{name[:80]}" is no name: small letters, digits and "_", a letter first.'
        raise OperationRefused("bad_name", message, name)
    if name in document.nodes:
        raise OperationRefused("taken", f'There is a step "{name}" already.', name)


def _pruned(document: FlowDocument) -> FlowDocument:
    return replace(
        document,
        notes={name: note for name, note in document.notes.items() if name in document.nodes},
        positions={
            name: place for name, place in document.positions.items() if name in document.nodes
        },
    )


_APPLY: Final[Mapping[str, Callable[[FlowDocument, Any, Kinds], FlowDocument]]] = {
    "add_node": _add,
    "remove_nodes": _remove,
    "connect": _connect,
    "disconnect": _disconnect,
    "rename": _rename,
    "set_settings": _set_settings,
    "set_head": _set_head,
    "set_note": _set_note,
    "set_first": _set_first,
    "move": _move,
    "lay_out": _lay_out,
    "paste": _paste,
    "set_written": _set_written,
}
