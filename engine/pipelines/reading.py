"""From a document to the model of a pipeline, with every mistake of form and its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from engine.errors import Problem
from engine.flows.problems import Code, did_you_mean, pointer_to, shown
from engine.flows.settings_problems import follows, setting_problem
from engine.pipelines.actions import (
    Assign,
    CreateTask,
    Escalate,
    Notify,
    StartFlow,
    UpdateDeal,
)
from engine.pipelines.model import PipelineModel

_KINDS: Final[tuple[type[BaseModel], ...]] = (
    *(Notify, CreateTask, UpdateDeal),
    *(StartFlow, Escalate, Assign),
)
ACTION_MODELS: Final[Mapping[str, type[BaseModel]]] = {
    get_args(model.model_fields["do"].annotation)[0]: model for model in _KINDS
}


def read_pipeline(document: Mapping[str, Any], problems: list[Problem]) -> PipelineModel | None:
    """The model; None where the document has none, and then `problems` says why."""
    try:
        return PipelineModel.model_validate(dict(document))
    except ValidationError as error:
        found = error.errors(include_url=False)
        problems += [_problem(one) for one in found if not follows(one, found)]
        return None


def _problem(found: ErrorDetails) -> Problem:
    place = found["loc"]
    if found["type"] in ("union_tag_invalid", "union_tag_not_found"):
        return _unknown_action(found)
    # the parser names the kind of an action after its place; the document has no such key
    tags = [at for at, key in enumerate(place) if at and key in ACTION_MODELS]
    if not tags or not isinstance(place[tags[-1] - 1], int):
        told = setting_problem(PipelineModel, found)
        return Problem(pointer_to(told.path), told.code.value, told.message)
    at = tags[-1]
    inner = ErrorDetails(**{**found, "loc": place[at + 1 :]})
    told = setting_problem(ACTION_MODELS[str(place[at])], inner)
    return Problem(pointer_to((*place[:at], *told.path)), told.code.value, told.message)


def _unknown_action(found: ErrorDetails) -> Problem:
    given = found["input"]
    place = pointer_to(found["loc"])
    if not isinstance(given, Mapping) or "do" not in given:
        words = f'"do" is missing; {did_you_mean("", ACTION_MODELS)}'
        return Problem(place, Code.MISSING_KEY.value, words)
    words = f'"do" cannot be {shown(given["do"])}; {did_you_mean(str(given["do"]), ACTION_MODELS)}'
    return Problem(f"{place}/do", Code.BAD_CHOICE.value, words)
