"""Splits whose arms are compared by something that the flow does not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.flows.checks.examined import Examined, found
from engine.flows.problems import Code, FlowProblem, Path, did_you_mean


def winner_problems(seen: Examined) -> Iterator[FlowProblem]:
    """A goal that is not there, a node or an exit that nobody leaves by."""
    for name, node in seen.flow.nodes.items():
        rule = node.settings.get("winner")
        if isinstance(rule, Mapping):
            yield from _problems(seen, name, rule, ("steps", name, "winner"))


def _problems(
    seen: Examined, name: str, rule: Mapping[str, Any], path: Path
) -> Iterator[FlowProblem]:
    if rule.get("metric") == "goal" and seen.flow.goal is None:
        message = (
            f'step "{name}" compares its arms by the goal, and the flow has none; give it a "goal" '
            "or compare by an event."
        )
        yield found(Code.BAD_VALUE, (*path, "metric"), message)
    if rule.get("metric") != "exit":
        return
    node, exit_ = str(rule.get("node")), str(rule.get("exit"))
    step = seen.steps.get(node)
    if step is None:
        meant = did_you_mean(node, list(seen.steps))
        message = f'step "{name}": there is no step "{node}" to compare by; {meant}'
        yield found(Code.UNKNOWN_NODE, (*path, "node"), message)
    elif exit_ not in step.exit_names():
        meant = did_you_mean(exit_, list(step.exit_names()))
        message = f'step "{name}": "{node}" has no exit "{exit_}" to compare by; {meant}'
        yield found(Code.UNKNOWN_EXIT, (*path, "exit"), message)
