"""The least time from entering a flow to something in it."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from datetime import timedelta

from engine.flows.model import Flow, StepSettings

Steps = Mapping[str, StepSettings]


def shortest_run(flow: Flow, steps: Steps) -> timedelta:
    """When everything goes the quickest way; the longest there is when no way leads to an end."""
    return _shortest(flow, steps, lambda name: not flow.nodes[name].exits)


def first_message_after(flow: Flow, steps: Steps) -> timedelta:
    """The soonest a message may go; the longest there is when none does."""
    return _shortest(flow, steps, lambda name: bool(steps[name].templates()))


def _shortest(flow: Flow, steps: Steps, is_there: Callable[[str], bool]) -> timedelta:
    ahead = [(timedelta(), flow.first)]
    done: set[str] = set()
    while ahead:
        after, name = heapq.heappop(ahead)
        if name in done or name not in flow.nodes:
            continue
        if is_there(name):
            return after
        done.add(name)
        for exit_name, target in flow.nodes[name].exits.items():
            stay = steps[name].shortest_stay(exit_name) or timedelta()
            heapq.heappush(ahead, (after + stay, target))
    return timedelta.max
