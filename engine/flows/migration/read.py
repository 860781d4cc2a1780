"""A plan file into a `MovePlan`, with every mistake and its line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.flows.migration.answers import Answer, MovePlan
from engine.flows.places import Places
from engine.flows.problems import Code, FlowProblem, FlowRefused, shown
from engine.flows.reading import Reader
from engine.flows.written import TextRefused, read_text

_KEYS: Final = ("flow", "from", "to", "nodes")


def read_plan(text: str | bytes, *, file: str) -> tuple[MovePlan, Places]:
    """The plan and where its parts stand. Raises FlowRefused with all mistakes.

    Whether the versions and nodes exist is not known here; see `plan_problems`.
    """
    try:
        written = read_text(text, file)
    except TextRefused as refused:
        raise _refusal(file, refused.problems) from refused
    reader = Reader()
    plan = _plan(reader, written.data)
    problems = [*written.problems, *(written.places.locate(p) for p in reader.problems)]
    if problems or plan is None:
        raise _refusal(file, problems)
    return plan, written.places


def _plan(reader: Reader, data: Any) -> MovePlan | None:
    top = reader.mapping(data, (), "a plan")
    if top is None:
        return None
    reader.only(top, (), _KEYS)
    for key in _KEYS:
        reader.required(top, key, ())
    name = reader.name(top["flow"], ("flow",), "the flow's name") if "flow" in top else None
    came_from, to = _number(reader, top, "from"), _number(reader, top, "to")
    given = reader.mapping(top["nodes"], ("nodes",), '"nodes"') if "nodes" in top else None
    answers = {node: _answer(reader, node, written) for node, written in (given or {}).items()}
    if name is None or came_from is None or to is None or reader.problems:
        return None
    if came_from == to:
        reader.refuse(Code.BAD_VALUE, ("to",), '"from" and "to" name the same version.')
    known = {node: answer for node, answer in answers.items() if answer is not None}
    return MovePlan(name, came_from, to, known)


def _number(reader: Reader, top: Mapping[str, Any], key: str) -> int | None:
    value = top.get(key)
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    if key in top:
        message = f'"{key}" is the number of a version, not {shown(value)}.'
        reader.refuse(Code.BAD_VALUE, (key,), message)
    return None


def _answer(reader: Reader, node: str, written: Any) -> Answer | None:
    answer = Answer.read(written)
    if answer is None:
        message = (
            f'"{node}" cannot be {shown(written)}; write "stay", {{to: <node>}}, "exit", '
            '"restart" or "leave".'
        )
        reader.refuse(Code.BAD_CHOICE, ("nodes", node), message)
    return answer


def _refusal(file: str, problems: list[FlowProblem]) -> FlowRefused:
    ordered = sorted(problems, key=lambda p: (p.line or 0, p.column or 0))
    count = f"{len(ordered)} mistakes" if len(ordered) > 1 else "a mistake"
    return FlowRefused(f"The plan in {file} has {count}.", ordered)
