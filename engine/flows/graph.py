"""The shape of a flow: what can be reached, and what lies on a loop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Edges = Mapping[str, Iterable[str]]


def reachable(edges: Edges, start: str) -> set[str]:
    """Every node on some way from `start`, itself included."""
    seen = {start}
    ahead = [start]
    while ahead:
        for target in edges.get(ahead.pop(), ()):
            if target in edges and target not in seen:
                seen.add(target)
                ahead.append(target)
    return seen


def knots(edges: Edges) -> list[tuple[str, ...]]:
    """The strongly connected groups of nodes, each ahead of those that lead to it (Tarjan, 1972).

    Without recursion: a flow may be one long line. Targets that are no nodes are left out.
    """
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    on_stack: set[str] = set()
    stack: list[str] = []
    found: list[tuple[str, ...]] = []
    for root in edges:
        if root in index:
            continue
        index[root] = lowest[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        walk = [(root, iter(tuple(edges[root])))]
        while walk:
            node, targets = walk[-1]
            for target in targets:
                if target not in edges:
                    continue
                if target not in index:
                    index[target] = lowest[target] = len(index)
                    stack.append(target)
                    on_stack.add(target)
                    walk.append((target, iter(tuple(edges[target]))))
                    break
                if target in on_stack:
                    lowest[node] = min(lowest[node], index[target])
            else:
                walk.pop()
                if walk:
                    lowest[walk[-1][0]] = min(lowest[walk[-1][0]], lowest[node])
                if lowest[node] == index[node]:
                    found.append(_taken_off(stack, node))
                    on_stack.difference_update(found[-1])
    return found


def _taken_off(stack: list[str], last: str) -> tuple[str, ...]:
    """Everything above `last`, and `last` itself."""
    taken = [stack.pop()]
    while taken[-1] != last:
        taken.append(stack.pop())
    return tuple(reversed(taken))


def loops(edges: Edges) -> list[tuple[str, ...]]:
    """The groups of nodes from which some way leads back to where it began."""
    return [group for group in knots(edges) if len(group) > 1 or group[0] in edges[group[0]]]
