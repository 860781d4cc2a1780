"""How many messages one run can send in a week when everything goes the busiest way."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from typing import Final

from engine.flows.graph import knots, loops
from engine.flows.model import Flow, StepSettings

# Time is counted in quarters of an hour; a shorter wait counts as one, so it cannot pile up.
SLICE: Final = timedelta(minutes=15)
SLICES: Final = int(timedelta(days=7) / SLICE)

_Edge = tuple[str, int]


def worst_week(flow: Flow, steps: Mapping[str, StepSettings]) -> int | None:
    """The most messages within any seven days of one run; None when a loop sets no bound.

    Every exit counts as possible. An event waited for may come at once. Two messages exactly seven
    days apart are not in one week.
    """
    edges = {name: list(_edges(flow, steps, name)) for name in flow.nodes}
    sends = {name: len(steps[name].templates()) for name in flow.nodes}
    at_once = {name: [t for t, slices in edges[name] if slices == 0] for name in flow.nodes}
    if any(sends[name] for group in loops(at_once) for name in group):
        return None
    # A group of nodes that lead to each other at once sends nothing: as many rounds settle it.
    order = [name for group in knots(at_once) for name in group * len(group)]
    ahead: dict[int, dict[str, int]] = {}
    for left in _moments({slices for name in edges for _, slices in edges[name] if slices}):
        most = dict.fromkeys(flow.nodes, 0)
        for name in order:
            following = (
                most[target] if slices == 0 else ahead[left - slices][target]
                for target, slices in edges[name]
                if slices <= left
            )
            most[name] = sends[name] + max(following, default=0)
        ahead[left] = most
    return max(ahead[SLICES - 1].values(), default=0)


def _moments(stays: Collection[int]) -> list[int]:
    """How many slices can be left of the week after any sequence of stays; the fewest first."""
    found = {SLICES - 1}
    ahead = [SLICES - 1]
    while ahead:
        left = ahead.pop()
        for slices in stays:
            if left >= slices and left - slices not in found:
                found.add(left - slices)
                ahead.append(left - slices)
    return sorted(found)


def _edges(flow: Flow, steps: Mapping[str, StepSettings], name: str) -> Iterator[_Edge]:
    for exit_name, target in flow.nodes[name].exits.items():
        if target in flow.nodes:
            stay = steps[name].shortest_stay(exit_name) or timedelta()
            yield target, min(max(stay // SLICE, 1) if stay else 0, SLICES)
