"""Wires that lead nowhere, steps nothing leads to, and loops that never wait or never end."""

from __future__ import annotations

from collections.abc import Iterator

from engine.flows.checks.examined import Examined, doubted, found
from engine.flows.graph import Edges, loops, reachable
from engine.flows.problems import Code, FlowProblem
from engine.flows.wiring import wiring_problems


def shape_problems(seen: Examined) -> Iterator[FlowProblem]:
    yield from _wiring(seen)
    yield from _unreachable(seen)
    stuck = list(_loops_without_wait(seen))
    yield from stuck
    if not stuck:
        yield from _endless_loops(seen)


def _wiring(seen: Examined) -> Iterator[FlowProblem]:
    nodes = seen.flow.nodes
    written = {
        name: seen.kinds[node.kind].join_exits(node.settings, node.exits)
        for name, node in nodes.items()
    }
    yield from wiring_problems(nodes, seen.steps, seen.kinds, written, nodes)
    if seen.flow.first not in nodes:
        message = f'the first step "{seen.flow.first}" is not there.'
        yield found(Code.UNKNOWN_NODE, ("first",), message)


def _edges(seen: Examined) -> dict[str, list[str]]:
    return {name: list(node.exits.values()) for name, node in seen.flow.nodes.items()}


def _unreachable(seen: Examined) -> Iterator[FlowProblem]:
    edges = _edges(seen)
    if seen.flow.first not in edges:
        return
    for name in edges.keys() - reachable(edges, seen.flow.first):
        message = f'nothing leads to the step "{name}"; connect it or take it out.'
        yield found(Code.UNREACHABLE_NODE, ("steps", name), message)


def _loops_without_wait(seen: Examined) -> Iterator[FlowProblem]:
    at_once = {
        name: [
            target
            for exit_name, target in node.exits.items()
            if seen.steps[name].shortest_stay(exit_name) is None
        ]
        for name, node in seen.flow.nodes.items()
    }
    for group in loops(at_once):
        names = _in_order(seen, group)
        message = (
            f"the loop {' > '.join([*names, names[0]])} never waits, so a run would go round "
            "without end; put a wait into it."
        )
        yield found(Code.LOOP_WITHOUT_WAIT, ("steps", names[0]), message)


def _endless_loops(seen: Examined) -> Iterator[FlowProblem]:
    """Loops that no way leads out of and no count limits, where nothing else ends the run."""
    goal = seen.flow.goal
    if seen.flow.exit_when is not None or (goal is not None and goal.exits):
        return
    unlimited: Edges = {
        name: [
            target
            for exit_name, target in node.exits.items()
            if seen.steps[name].most_rounds(exit_name) is None
        ]
        for name, node in seen.flow.nodes.items()
    }
    every_way = _edges(seen)
    for group in loops(unlimited):
        if any(target not in group for name in group for target in every_way[name]):
            continue
        names = _in_order(seen, group)
        message = (
            f"the loop {' > '.join([*names, names[0]])} never ends, whatever happens; limit it "
            'with a "jump", or say in "exit_when" who leaves.'
        )
        yield doubted(Code.ENDLESS_LOOP, ("steps", names[0]), message)


def _in_order(seen: Examined, group: tuple[str, ...]) -> list[str]:
    """The loop as it stands in the file; a Tarjan group has no order that people know."""
    return [name for name in seen.flow.nodes if name in group]
