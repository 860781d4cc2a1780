"""Conditions on an event's properties, as an object: {"plan": "pro", "total": {">=": 100}}."""

from __future__ import annotations

from collections.abc import Iterator

from engine.rules.check import Placed
from engine.rules.operators.call import Call
from engine.rules.operators.entry import find
from engine.rules.problems import RuleProblem, shown, step_into


def filtered(call: Call, filters: object, pointer: str) -> Placed | None:
    """The condition that every property is as asked, or None after a problem."""
    if not isinstance(filters, dict) or not filters:
        message = 'Write the properties as an object such as {"plan": "pro", "total": {">=": 100}}.'
        call.checker.problem(pointer, "not_a_rule", message)
        return None
    found = [
        condition
        for name, wanted in filters.items()
        for condition in _conditions(name, wanted, step_into(pointer, str(name)[:100]))
    ]
    problems = [one for one in found if isinstance(one, RuleProblem)]
    if problems:
        call.checker.problems.extend(problems)
        return None
    return Placed({"and": found}, pointer)


def _conditions(name: object, wanted: object, place: str) -> Iterator[Placed | RuleProblem]:
    value = {"var": Placed(f"properties.{name}", place)}
    match wanted:
        case dict() if wanted:
            for operator, arguments in wanted.items():
                yield _tested(operator, value, arguments, step_into(place, str(operator)[:100]))
        case dict():
            message = f"Nothing is asked of {shown(name)}; write a value or an operator."
            yield RuleProblem(place, "not_a_rule", message)
        case list():
            yield Placed({"in": [value, Placed(wanted, place)]}, place)
        case _:
            yield Placed({"==": [value, Placed(wanted, place)]}, place)


def _tested(name: object, value: object, arguments: object, place: str) -> Placed | RuleProblem:
    """`{">=": 100}` and `{"between": [1, 5]}`, with the property as the first argument."""
    entry = find(name) if isinstance(name, str) else None
    if entry is None:
        return RuleProblem(place, "unknown_operator", f"There is no operator {shown(name)}.")
    if entry.most == 1:
        asked = {entry.name: [value]}
        return Placed(asked if arguments is True else {"!": [asked]}, place)
    if isinstance(arguments, list) and entry.least > 2:
        rest = [Placed(one, step_into(place, at)) for at, one in enumerate(arguments)]
        return Placed({entry.name: [value, *rest]}, place)
    return Placed({entry.name: [value, Placed(arguments, place)]}, place)
