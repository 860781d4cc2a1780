"""What is wrong with a decision table, by row and column."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Code(StrEnum):
    """Stable; programs may react to them."""

    BAD_TABLE = "bad_table"
    BAD_NAME = "bad_name"
    BAD_CHOICE = "bad_choice"
    TOO_LARGE = "too_large"
    UNKNOWN_FIELD = "unknown_field"
    BAD_CELL = "bad_cell"
    BAD_RULE = "bad_rule"
    BAD_OUTPUT = "bad_output"
    MISSING_SCORE = "missing_score"
    NEVER_TRUE = "never_true"
    NEVER_REACHED = "never_reached"
    OVERLAP = "overlap"
    GAP = "gap"
    NOT_DECIDED = "not_decided"


@dataclass(frozen=True, slots=True)
class TableProblem:
    """`row` counts from 1, `column` is its heading; None is the table as a whole. A `warning`
    leaves the table usable. `others` are rows it is at odds with, `example` are facts that show it.
    """

    code: Code
    message: str
    row: int | None = None
    column: str | None = None
    warning: bool = False
    others: tuple[int, ...] = ()
    example: dict[str, Any] | None = None

    @property
    def place(self) -> str:
        row = "" if self.row is None else f"row {self.row}"
        column = "" if self.column is None else f'column "{self.column}"'
        return ", ".join(filter(None, (row, column))) or "table"

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class TableRefused(ValueError):
    """The table cannot be used; `problems` has every mistake."""

    def __init__(self, problems: Iterable[TableProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))
