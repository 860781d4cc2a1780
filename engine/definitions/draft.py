"""A definition as it was written: which kind, which name, what it says, and where it says it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.errors import Problem, Refused
from engine.flows.places import Places

# Kept beside the document, as kind and name are; the Chinese one stays in it, for every kind.
LABEL = "label"
LABEL_ZH = "label_zh"


class DefinitionKind(StrEnum):
    """The value is the first key of the file, and the kind that permissions speak of."""

    PIPELINE = "pipeline"
    APPROVAL = "approval_chain"
    ESCALATION = "escalation_policy"
    ASSIGNMENT = "assignment"

    @property
    def spoken(self) -> str:
        return self.value.replace("_", " ")


class DefinitionRefused(Refused):
    """The definition cannot be used; `problems` name file and line."""

    code = "definition_refused"


@dataclass(frozen=True, slots=True)
class Draft:
    """`document` is what stands beside the keys of kind, name and label, so the same model reads it
    where it is written into something else, such as an approval chain within a flow. Pointers into
    it are pointers into the file."""

    kind: DefinitionKind
    name: str
    label: str
    document: Mapping[str, Any]
    source: str
    places: Places

    def hash(self) -> str:
        """Of what it says; comments, order of keys and spacing change nothing. Sixteen digits."""
        said = {"label": self.label, "document": self.document}
        written = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(written.encode()).hexdigest()[:16]


def located(problems: Iterable[Problem], places: Places) -> list[Problem]:
    """The problems with JSON pointers for places, in the order of the file, as file:line:column.

    A place that is no pointer stays as it is.
    """
    found = []
    for problem in problems:
        of_key = problem.code in _ABOUT_THE_KEY
        pointer = problem.place
        if pointer and not pointer.startswith("/"):
            found.append(((0, 0), problem))
            continue
        line, column = places.position(pointer.rstrip("/"), of_key=of_key)
        place = f"{places.file}:{line}:{column}"
        found.append(((line, column), Problem(place, problem.code, problem.message)))
    return [problem for _, problem in sorted(found, key=lambda one: one[0])]


_ABOUT_THE_KEY = frozenset({"unknown_key", "duplicate_key", "extra_forbidden"})
