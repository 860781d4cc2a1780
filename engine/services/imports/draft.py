"""A line on its way to becoming a record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.errors import Problem
from engine.services.imports.readers.table import Line


@dataclass(slots=True)
class Draft:
    """`values` by column, only what the line says: an empty cell leaves a field as it is.

    `names` are other records' names still to be looked up, by field; `later` are those that may
    stand further down in the same file. `tags` go beside the record. `keys` are what the record is
    looked for by, folded.
    """

    line: Line
    values: dict[str, Any] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    later: dict[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    keys: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, place: str, code: str, message: str) -> None:
        self.problems.append(Problem(place, code, message))
