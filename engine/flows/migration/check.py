"""Whether a plan can be carried out, said whole before anybody is moved."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import TypeAlias

from engine.flows.migration.answers import Answer, Deed, MovePlan
from engine.flows.migration.fit import Pair
from engine.flows.problems import (
    Code,
    FlowProblem,
    Severity,
    did_you_mean,
    pointer_to,
)

# People by node of the old version, as they stand now.
Standings: TypeAlias = Mapping[str, int]
# By node, the nodes on which somebody who stands there has asked the world.
Asked: TypeAlias = Mapping[str, Collection[str]]


def plan_problems(
    plan: MovePlan, pair: Pair, standing: Standings, asked: Asked = MappingProxyType({})
) -> list[FlowProblem]:
    """Errors keep a plan from being carried out; warnings say what somebody will get twice.

    A node that nobody stands on needs no answer.
    """
    problems = [*_unanswered(plan, standing)]
    for name, answer in plan.answers.items():
        problems += _of_answer(name, answer, pair, standing.get(name, 0), asked.get(name, ()))
    return problems


def _unanswered(plan: MovePlan, standing: Standings) -> Iterator[FlowProblem]:
    for name, people in standing.items():
        if people and name not in plan.answers:
            message = (
                f'{people} people stand on "{name}" and the plan does not say what becomes of '
                'them; write "stay", {to: <node>}, "exit", "restart" or "leave".'
            )
            yield FlowProblem(Code.MISSING_KEY, pointer_to(("nodes",)), message, detail=name)


def _of_answer(
    name: str, answer: Answer, pair: Pair, people: int, asked: Collection[str]
) -> Iterator[FlowProblem]:
    pointer = pointer_to(("nodes", name))
    if name not in pair.old.nodes:
        message = (
            f'the old version has no node "{name}"; {did_you_mean(name, list(pair.old.nodes))}'
        )
        yield FlowProblem(Code.UNKNOWN_NODE, pointer, message)
        return
    target = pair.target(name, answer)
    if target is None:
        return
    if target not in pair.new.nodes:
        meant = did_you_mean(target, list(pair.new.nodes))
        message = (
            f'"{name}" cannot stay: the new version has no node of that name; {meant}'
            if answer.deed is Deed.STAY
            else f'the new version has no node "{target}"; {meant}'
        )
        place = f"{pointer}/to" if answer.deed is Deed.TO else pointer
        yield FlowProblem(Code.UNKNOWN_NODE, place, message)
        return
    again = pair.done_again(name, answer, asked)
    if again and people:
        message = (
            f'people on "{name}" may come to {", ".join(again)} although they have been there, and '
            "then it is done a second time."
        )
        yield FlowProblem(Code.DONE_AGAIN, pointer, message, Severity.WARNING)
