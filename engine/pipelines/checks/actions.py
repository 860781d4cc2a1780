"""What actions of a pipeline name: people, fields, flows, templates in texts, definitions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.definitions import DefinitionKind, World
from engine.errors import Problem
from engine.flows.problems import did_you_mean, pointer_to, shown
from engine.pipelines.actions import (
    Action,
    Assign,
    CreateTask,
    Escalate,
    Notify,
    StartFlow,
    UpdateDeal,
)
from engine.pipelines.checks.definitions import definition_problems
from engine.pipelines.checks.people import people_problems
from engine.pipelines.fields import CUSTOM, WRITABLE
from engine.rendering import check_template
from engine.rules import Catalogue
from engine.steps.contact_fields import complaint


def action_problems(actions: Sequence[Action], world: World, place: str) -> Iterator[Problem]:
    """Problems of a list of actions that stands at `place`."""
    for at, action in enumerate(actions):
        yield from _one(action, world, f"{place}/{at}")


def _one(action: Action, world: World, place: str) -> Iterator[Problem]:
    if isinstance(action, Notify | CreateTask | Escalate):
        yield from _texts(action.texts, world.catalogue, place)
    match action:
        case Notify():
            yield from people_problems(action.to, world, f"{place}/to")
        case CreateTask():
            found = people_problems((action.assign,), world, place)
            yield from (Problem(f"{place}/assign", one.code, one.message) for one in found)
        case UpdateDeal():
            yield from _values(action.values, world.catalogue, f"{place}/set")
        case StartFlow() if not world.has_flow(action.flow):
            known = sorted(world.flows or ())
            words = f"there is no flow {shown(action.flow)}; {did_you_mean(action.flow, known)}"
            yield Problem(f"{place}/flow", "unknown_flow", words)
        case Escalate():
            kind = DefinitionKind.ESCALATION
            yield from definition_problems(kind, action.policy, world, f"{place}/policy")
        case Assign():
            kind = DefinitionKind.ASSIGNMENT
            yield from definition_problems(kind, action.rules, world, f"{place}/rules")


def _texts(texts: Mapping[str, str], catalogue: Catalogue, place: str) -> Iterator[Problem]:
    known = [path for path, _ in text_facts(catalogue)]
    for name, source in texts.items():
        for problem in check_template(source, known):
            yield Problem(f"{place}/{name}", "bad_template", f'"{name}": {problem.message}')


def text_facts(catalogue: Catalogue) -> Iterator[tuple[str, Any]]:
    """What a text may mention."""
    return catalogue.readable(event_rule=False, subject="deal", derived=False)


def _values(values: Mapping[str, Any], catalogue: Catalogue, place: str) -> Iterator[Problem]:
    facts = catalogue.records["deal"]
    known = [name for name in facts if name in WRITABLE or name.startswith(CUSTOM)]
    for name, value in values.items():
        here = place + pointer_to((name,))
        if name not in known:
            words = f"an action cannot write the field {shown(name)}; {did_you_mean(name, known)}"
            yield Problem(here, "unknown_field", words)
        elif value is None and name in ("name", "forecast_category"):
            yield Problem(here, "bad_value", f'"{name}" cannot be emptied; give it a value.')
        elif (trouble := complaint(facts[name], value)) is not None:
            yield Problem(here, "bad_value", f'"{name}" {trouble}')
