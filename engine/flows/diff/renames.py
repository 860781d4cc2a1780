"""Nodes that were given another name, guessed by their content."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from engine.flows.model import Flow, Node
from engine.flows.stored_json import canonical


def guess_renames(old: Flow, new: Flow) -> dict[str, str]:
    """New names by old ones, for nodes that went and came with the same kind and settings.

    Among several alike the one whose exits lead to the same places is taken first, then the one
    that stands first. Each name is given once. Nodes without settings (an exit, say) are alike too
    easily: they need the same exits, or nodes before them that lead there by the same exit.
    """
    gone = [node for name, node in old.nodes.items() if name not in new.nodes]
    came = [node for name, node in new.nodes.items() if name not in old.nodes]
    waiting: dict[str, list[Node]] = defaultdict(list)
    for node in came:
        waiting[_content(node)].append(node)
    renames: dict[str, str] = {}
    # two rounds: names found in the first make the exits of others comparable
    for is_sure in (True, False):
        for node in gone:
            alike = waiting[_content(node)]
            if node.id in renames or not alike:
                continue
            found = _same_ways(node, alike, renames, old, new)
            if found is None and not is_sure and node.settings:
                found = alike[0]
            if found is not None:
                renames[node.id] = found.id
                alike.remove(found)
    return renames


def _content(node: Node) -> str:
    return canonical([node.kind, dict(node.settings)])


def _same_ways(
    node: Node, alike: Iterable[Node], renames: Mapping[str, str], old: Flow, new: Flow
) -> Node | None:
    """The one that leads on, and is led to, as the old one was."""
    on = {exit_: renames.get(to, to) for exit_, to in node.exits.items()}
    led = _led_from(old, node.id, renames)
    for one in alike:
        if dict(one.exits) == on and (node.exits or led & _led_from(new, one.id, {})):
            return one
    return None


def _led_from(flow: Flow, name: str, renames: Mapping[str, str]) -> set[tuple[str, str]]:
    """(node, exit) of every way that leads to a node."""
    return {
        (renames.get(node.id, node.id), exit_)
        for node in flow.nodes.values()
        for exit_, target in node.exits.items()
        if target == name
    }
