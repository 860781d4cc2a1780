"""A role as a file: read with every mistake and its place, and written so that it is read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from engine.errors import Problem, Refused
from engine.services.roles.keeping import KnownRole
from engine.services.roles.spelling import document_of
from engine.services.templates.yaml_text import read_yaml

LONGEST_FILE: Final = 65_536
_TEXTS: Final = ("role", "label", "description")
_LISTS: Final = ("allow", "hidden")


@dataclass(frozen=True, slots=True)
class WrittenRole:
    """`key` None makes a new one, which gets its key from its label."""

    key: str | None
    label: str
    description: str
    allow: tuple[str, ...]
    hidden: tuple[str, ...]


def read_role(text: str) -> WrittenRole:
    """What a file says; whether it can be allowed is for the service to say. Raises Refused."""
    said = "The role was not kept."
    if len(text) > LONGEST_FILE:
        raise Refused(said, [Problem("", "too_long", f"at most {LONGEST_FILE} characters")])
    try:
        found = read_yaml(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        place = "" if line is None else f"line {line + 1}"
        raise Refused(said, [Problem(place, "bad_yaml", "this is no YAML")]) from error
    if not isinstance(found, dict):
        words = 'write "label", "allow" and, where it is to replace one, "role"'
        raise Refused(said, [Problem("", "not_a_role", words)])
    problems = list(_problems(found))
    if problems:
        raise Refused(said, problems)
    return WrittenRole(
        found.get("role"),
        found["label"],
        found.get("description") or "",
        tuple(found["allow"]),
        tuple(found.get("hidden") or ()),
    )


def written(role: KnownRole) -> str:
    """The file of a role; one that comes with Cadenza is written as a copy, without its key."""
    document: dict[str, Any] = {} if role.shipped else {"role": role.key}
    document |= {"label": role.label, "description": role.description}
    document |= document_of(role.grants)
    return str(yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=100))


def _problems(found: Mapping[Any, Any]) -> list[Problem]:
    problems = [
        Problem(str(name)[:60], "unknown", f"is not one of {', '.join((*_TEXTS, *_LISTS))}")
        for name in list(found)[:20]
        if name not in _TEXTS + _LISTS
    ]
    for name in _TEXTS:
        value = found.get(name)
        if name == "label" and not value:
            problems.append(Problem(name, "missing", "say what it is called"))
        elif value is not None and not isinstance(value, str):
            problems.append(Problem(name, "not_text", "write a text"))
    for name in _LISTS:
        value = found.get(name)
        if name == "allow" and value is None:
            problems.append(Problem(name, "missing", "write a list, such as [read:deal:own]"))
        elif value is not None and not (
            isinstance(value, list) and all(isinstance(one, str) for one in value)
        ):
            problems.append(Problem(name, "not_a_list", "write a list of texts"))
    return problems
