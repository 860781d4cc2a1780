"""Whether every way out of every node leads somewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from engine.flows.model import Node, StepKind, StepSettings
from engine.flows.problems import Code, FlowProblem, did_you_mean, pointer_to


def wiring_problems(
    nodes: Mapping[str, Node],
    steps: Mapping[str, StepSettings],
    kinds: Mapping[str, StepKind],
    written: Mapping[str, Mapping[str, Any]],
    known: Collection[str],
) -> list[FlowProblem]:
    """Open exits, exits that do not exist, and targets that do not exist.

    `written` are the nodes as people write them, to point at the right place; `known` are all node
    names, those that could not be read included.
    """
    problems: list[FlowProblem] = []
    for name, node in nodes.items():
        kind, raw = kinds[node.kind], written[name]
        exits = steps[name].exit_names()
        for exit_name in exits:
            if exit_name not in node.exits:
                problems.append(_open(name, exit_name))
        for exit_name, target in node.exits.items():
            pointer = pointer_to(("steps", name, *kind.exit_path(raw, exit_name)))
            if exit_name not in exits:
                message = (
                    f'step "{name}" has no exit "{exit_name}"; {did_you_mean(exit_name, exits)}'
                )
                problems.append(FlowProblem(Code.UNKNOWN_EXIT, pointer, message))
            elif target not in known:
                problems.append(_astray(name, exit_name, target, pointer, known))
    return _without_repeats(problems)


def _open(name: str, exit_name: str) -> FlowProblem:
    message = (
        f'the exit "{exit_name}" of step "{name}" leads nowhere; '
        "say which step comes next, an exit step if nothing does."
    )
    return FlowProblem(Code.OPEN_EXIT, pointer_to(("steps", name)), message)


def _astray(
    name: str, exit_name: str, target: str, pointer: str, known: Collection[str]
) -> FlowProblem:
    message = f'step "{name}" leads to "{target}", which is no step; {did_you_mean(target, known)}'
    return FlowProblem(Code.UNKNOWN_NODE, pointer, message, detail=exit_name)


def _without_repeats(problems: list[FlowProblem]) -> list[FlowProblem]:
    """A wrong `next` stands for several exits and is said once."""
    seen: dict[tuple[Code, str, str], FlowProblem] = {}
    for problem in problems:
        seen.setdefault((problem.code, problem.pointer, problem.message), problem)
    return list(seen.values())
