"""Calls that take from the answer of a step which remembers no such thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.flows.checks.examined import Examined, found
from engine.flows.problems import Code, FlowProblem, did_you_mean


def taken_answer_problems(seen: Examined) -> Iterator[FlowProblem]:
    """`answer.<step>.<name>`: the step must be there and remember the name."""
    for name, node in seen.flow.nodes.items():
        taken = node.settings.get("take")
        for path, text in taken.items() if isinstance(taken, Mapping) else ():
            if not isinstance(text, str) or not text.startswith("answer."):
                continue
            _, _, rest = text.partition(".")
            of, _, word = rest.partition(".")
            place = ("steps", name, "take", path)
            if of not in seen.flow.nodes:
                meant = did_you_mean(of, list(seen.flow.nodes))
                message = f'step "{name}" takes from the step "{of}", which is not there; {meant}'
                yield found(Code.UNKNOWN_NODE, place, message)
                continue
            remembered = seen.flow.nodes[of].settings.get("remember")
            known = list(remembered) if isinstance(remembered, Mapping) else []
            if word not in known:
                meant = did_you_mean(word, known)
                message = f'step "{of}" remembers nothing as "{word}"; {meant}'
                yield found(Code.BAD_VALUE, place, message)
