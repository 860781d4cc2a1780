"""Changing a tree: each function answers with another tree and leaves the given one as it is.

A node that is not there, or a place it may not go to, changes nothing: an order of a browser may
come late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from engine.rules.building.tree import (
    Group,
    Join,
    Node,
    fresh,
    item_list,
    walk,
    where_of,
    with_where,
)

Direction = Literal["up", "down", "in", "out"]


def find(root: Group, node_id: int) -> Node | None:
    return next((one for one in walk(root) if one.id == node_id), None)


def parent_of(root: Group, node_id: int) -> Group | None:
    """The group that has the node among its parts."""
    return next((group for group in _groups(root) if _index(group, node_id) is not None), None)


def depth_of(root: Group, node_id: int) -> int:
    """How many groups stand around a node, those of other lists included; the root has 0."""
    return _depths(root).get(node_id, 0)


def list_around(root: Group, node_id: int) -> str | None:
    """The list whose items a node is about; None for the subject itself."""
    return _lists(root).get(node_id)


def changed(root: Group, node_id: int, change: Callable[[Node], Node | None]) -> Group:
    """The tree with one node replaced, or without it where `change` gives None."""
    found = _mapped(root, node_id, change)
    return found if isinstance(found, Group) else root


def removed(root: Group, node_id: int) -> Group:
    return root if _is_fixed(root, node_id) else changed(root, node_id, lambda _: None)


def inserted(root: Group, group_id: int, at: int, nodes: Sequence[Node]) -> Group:
    """The nodes among a group's parts, from position `at` on."""

    def wider(node: Node) -> Node:
        if not isinstance(node, Group):
            return node
        here = max(0, min(at, len(node.parts)))
        return replace(node, parts=(*node.parts[:here], *nodes, *node.parts[here:]))

    return changed(root, group_id, wider)


def moved(root: Group, node_id: int, group_id: int, at: int) -> Group:
    """The node taken out and put into a group; `at` counts without it. Stays where it is when the
    group is about something else, or lies inside it.
    """
    node, group = find(root, node_id), find(root, group_id)
    if node is None or not isinstance(group, Group) or _is_fixed(root, node_id):
        return root
    below = {one.id for one in walk(node)}
    if group_id in below or _lists(root).get(group_id) != _lists(root).get(node_id):
        return root
    return inserted(removed(root, node_id), group_id, at, (node,))


def stepped(root: Group, node_id: int, direction: Direction) -> Group:
    """One step with the keyboard: among its neighbours, into the group before or after it, out of
    its own.
    """
    parent = parent_of(root, node_id)
    at = None if parent is None else _index(parent, node_id)
    if parent is None or at is None:
        return root
    if direction in ("up", "down"):
        to = at + (1 if direction == "down" else -1)
        inside = 0 <= to < len(parent.parts)
        return moved(root, node_id, parent.id, to) if inside else root
    if direction == "out":
        around = parent_of(root, parent.id)
        position = None if around is None else _index(around, parent.id)
        if around is None or position is None:
            return root
        return moved(root, node_id, around.id, position + 1)
    for neighbour in (at - 1, at + 1):
        if 0 <= neighbour < len(parent.parts):
            group = parent.parts[neighbour]
            if isinstance(group, Group):
                end = len(group.parts) if neighbour < at else 0
                return moved(root, node_id, group.id, end)
    return root


def can_step(root: Group, node_id: int, direction: Direction) -> bool:
    return stepped(root, node_id, direction) is not root


def wrapped(root: Group, node_id: int, join: Join = "any") -> Group:
    """The node alone in a group of its own."""
    if _is_fixed(root, node_id):
        return root
    return changed(root, node_id, lambda node: Group(join, (node,)))


def unwrapped(root: Group, group_id: int) -> Group:
    """The group's parts in its place."""
    parent, group = parent_of(root, group_id), find(root, group_id)
    if parent is None or not isinstance(group, Group):
        return root
    at = _index(parent, group_id) or 0
    return inserted(removed(root, group_id), parent.id, at, group.parts)


def duplicated(root: Group, node_id: int) -> Group:
    """A copy of the node right behind it."""
    parent, node = parent_of(root, node_id), find(root, node_id)
    if parent is None or node is None:
        return root
    at = _index(parent, node_id) or 0
    return inserted(root, parent.id, at + 1, (renumbered(node),))


def renumbered(node: Node) -> Node:
    """The same with numbers of its own throughout."""
    if isinstance(node, Group):
        return replace(node, parts=tuple(map(renumbered, node.parts)), id=fresh())
    copy: Node = replace(node, id=fresh())
    where = where_of(node)
    inner = None if where is None else renumbered(where)
    return with_where(copy, inner) if isinstance(inner, Group) else copy


def _is_fixed(root: Group, node_id: int) -> bool:
    """The root and the conditions on a list's items stay where they are."""
    return parent_of(root, node_id) is None


def _groups(root: Group) -> Iterator[Group]:
    return (one for one in walk(root) if isinstance(one, Group))


def _index(group: Group, node_id: int) -> int | None:
    return next((at for at, part in enumerate(group.parts) if part.id == node_id), None)


def _mapped(node: Node, node_id: int, change: Callable[[Node], Node | None]) -> Node | None:
    if node.id == node_id:
        return change(node)
    if isinstance(node, Group):
        parts = [_mapped(part, node_id, change) for part in node.parts]
        if all(new is old for new, old in zip(parts, node.parts, strict=True)):
            return node
        return replace(node, parts=tuple(part for part in parts if part is not None))
    where = where_of(node)
    if where is None:
        return node
    inner = _mapped(where, node_id, change)
    return with_where(node, inner) if isinstance(inner, Group) and inner is not where else node


def _depths(root: Group) -> dict[int, int]:
    found: dict[int, int] = {}
    ahead: list[tuple[Node, int]] = [(root, 0)]
    while ahead:
        node, depth = ahead.pop()
        found[node.id] = depth
        if isinstance(node, Group):
            ahead.extend((part, depth + 1) for part in node.parts)
        elif (where := where_of(node)) is not None:
            ahead.append((where, depth))
    return found


def _lists(root: Group) -> dict[int, str | None]:
    found: dict[int, str | None] = {}
    ahead: list[tuple[Node, str | None]] = [(root, None)]
    while ahead:
        node, around = ahead.pop()
        found[node.id] = around
        if isinstance(node, Group):
            ahead.extend((part, around) for part in node.parts)
        elif (where := where_of(node)) is not None:
            ahead.append((where, item_list(node)))
    return found
