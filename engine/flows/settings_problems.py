"""From pydantic's findings to problems that speak to the person who wrote the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from engine.flows.problems import Code, Path, SettingProblem, did_you_mean, shown

_EXPECTED: Final[Mapping[str, str]] = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping of names to values",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
_LIMITS: Final[Mapping[str, str]] = {
    "too_short": "needs at least {min_length}.",
    "too_long": "takes at most {max_length}.",
    "string_too_long": "takes at most {max_length} characters.",
    "greater_than_equal": "must be at least {ge}.",
    "less_than_equal": "must be at most {le}.",
}
_OWN_CODES: Final = frozenset(code.value for code in Code)


def setting_names(model: type[BaseModel]) -> tuple[str, ...]:
    """The keys people write for a model's fields."""
    return tuple(field.alias or name for name, field in model.model_fields.items())


def setting_problems(model: type[BaseModel], error: ValidationError) -> list[SettingProblem]:
    """Every finding with its path, in the order of the fields."""
    errors = error.errors(include_url=False)
    return [setting_problem(model, found) for found in errors if not follows(found, errors)]


def follows(found: ErrorDetails, errors: list[ErrorDetails]) -> bool:
    """A list counts as too short when an item in it is wrong; the item's mistake says it all."""
    inside = len(found["loc"])
    return found["type"] == "too_short" and any(
        len(other["loc"]) > inside and other["loc"][:inside] == found["loc"] for other in errors
    )


def setting_problem(model: type[BaseModel], found: ErrorDetails) -> SettingProblem:
    path: Path = tuple(found["loc"])
    kind = found["type"]
    key = str(path[-1]) if path else ""
    if kind in _OWN_CODES:
        return SettingProblem(path, Code(kind), f"{_named(path)}{found['msg']}")
    if kind == "missing":
        return SettingProblem(path, Code.MISSING_KEY, f'"{key}" is missing.')
    if kind == "extra_forbidden":
        known = setting_names(_model_at(model, path[:-1]))
        message = f'unknown key "{key}"; {did_you_mean(key, known)}'
        return SettingProblem(path, Code.UNKNOWN_KEY, message)
    if kind in _EXPECTED:
        message = f"{_named(path)}expects {_EXPECTED[kind]}, not {shown(found['input'])}"
        if kind == "string_type" and isinstance(found["input"], int | float):
            message += "; quote it if it is meant as text"
        message += "."
        return SettingProblem(path, Code.WRONG_TYPE, message)
    limit = _LIMITS.get(kind)
    said = limit.format(**found.get("ctx", {})) if limit else f"{found['msg']}."
    return SettingProblem(path, Code.BAD_VALUE, f"{_named(path)}{said}")


def _named(path: Path) -> str:
    """The key a message is about: the last name on the path, as indices mean little alone."""
    names = [key for key in path if isinstance(key, str)]
    return f'"{names[-1]}": ' if names else ""


def _model_at(model: type[BaseModel], path: Path) -> type[BaseModel]:
    """The model that a path leads into through nested models and lists of models."""
    for key in path:
        if isinstance(key, int):
            continue
        field = next(
            (f for name, f in model.model_fields.items() if (f.alias or name) == key), None
        )
        inner = _inner_model(field.annotation) if field else None
        if inner is None:
            break
        model = inner
    return model


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None
