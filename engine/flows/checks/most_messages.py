"""How many messages one run sends in a length of time when everything goes the busiest way."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from typing import Final

from engine.flows.graph import knots, loops
from engine.flows.model import Flow, StepSettings

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
# Time is counted in quarters of an hour; a shorter wait counts as one, so it cannot pile up.
SLICE: Final = timedelta(minutes=15)

_Edge = tuple[str, int]
Steps = Mapping[str, StepSettings]


def most_messages(flow: Flow, steps: Steps, within: timedelta) -> int | None:
    """The most messages in any such length of time of one run; None when a loop sets no bound.

    Every exit counts as possible. An event waited for may come at once. Two messages exactly so far
    apart are not within it.
    """
    whole_run = _by_rounds(flow, steps)
    if whole_run is not None and whole_run <= 1:
        return whole_run
    bounds = (whole_run, _by_time(flow, steps, within))
    return min((bound for bound in bounds if bound is not None), default=None)


def _by_time(flow: Flow, steps: Steps, within: timedelta) -> int | None:
    """As many as fit into the time, however often the loops go round."""
    slices = int(within / SLICE)
    edges = {name: list(_edges(flow, steps, name, slices)) for name in flow.nodes}
    sends = {name: len(steps[name].templates()) for name in flow.nodes}
    at_once = {name: [t for t, stay in edges[name] if stay == 0] for name in flow.nodes}
    if any(sends[name] for group in loops(at_once) for name in group):
        return None
    # A group of nodes that lead to each other at once sends nothing: as many rounds settle it.
    order = [name for group in knots(at_once) for name in group * len(group)]
    ahead: dict[int, dict[str, int]] = {}
    for left in _moments({stay for name in edges for _, stay in edges[name] if stay}, slices - 1):
        most = dict.fromkeys(flow.nodes, 0)
        for name in order:
            following = (
                most[target] if stay == 0 else ahead[left - stay][target]
                for target, stay in edges[name]
                if stay <= left
            )
            most[name] = sends[name] + max(following, default=0)
        ahead[left] = most
    return max(ahead[slices - 1].values(), default=0)


def _by_rounds(flow: Flow, steps: Steps) -> int | None:
    """All messages of a whole run, when what limits its loops leaves none without an end.

    A run takes a limited exit so many times at most, so its way falls into one stretch more than
    that, and no stretch has a loop.
    """
    limited = {
        (name, exit_name): (target, rounds)
        for name, node in flow.nodes.items()
        for exit_name, target in node.exits.items()
        if target in flow.nodes
        and name in steps
        and (rounds := steps[name].most_rounds(exit_name)) is not None
    }
    edges = {
        name: [
            target for exit_name, target in node.exits.items() if (name, exit_name) not in limited
        ]
        for name, node in flow.nodes.items()
    }
    sends = {name: len(steps[name].templates()) for name in flow.nodes}
    endless = {name for group in loops(edges) for name in group}
    if any(sends[name] for name in endless):
        return None
    ahead: dict[str, int] = {}
    for group in knots(edges):
        targets = {target for name in group for target in edges[name] if target in ahead}
        behind = max((ahead[target] for target in targets), default=0)
        for name in group:
            ahead[name] = sends[name] + behind
    again = sum(rounds * ahead[target] for target, rounds in limited.values())
    return max(ahead.values(), default=0) + again


def _moments(stays: Collection[int], slices: int) -> list[int]:
    """How many slices can be left of the time after any sequence of stays; the fewest first."""
    found = {slices}
    ahead = [slices]
    while ahead:
        left = ahead.pop()
        for stay in stays:
            if left >= stay and left - stay not in found:
                found.add(left - stay)
                ahead.append(left - stay)
    return sorted(found)


def _edges(flow: Flow, steps: Steps, name: str, slices: int) -> Iterator[_Edge]:
    for exit_name, target in flow.nodes[name].exits.items():
        if target in flow.nodes:
            stay = steps[name].shortest_stay(exit_name) or timedelta()
            yield target, min(max(stay // SLICE, 1) if stay else 0, slices)
