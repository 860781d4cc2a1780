"""What can be wrong with a template, found before (problems) or during (failure) rendering."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ProblemCode = Literal[
    "syntax",
    "too_large",
    "too_deep",
    "not_allowed",
    "unknown_filter",
    "unknown_test",
    "unknown_variable",
    "not_printable",
    "mjml",
    "moved",
    "style",
]
FailureCode = Literal[
    "missing_value", "wrong_value", "not_printable", "too_much_work", "too_long", "not_allowed"
]


@dataclass(frozen=True, slots=True)
class TemplateProblem:
    """One thing to mend. `line` counts from 1."""

    line: int
    code: ProblemCode
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


class TemplateRefused(ValueError):
    """The source is not a template we run; `problems` holds everything found."""

    def __init__(self, problems: tuple[TemplateProblem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class RenderFailed(ValueError):
    """A correct template met facts it cannot be rendered with.

    The message names fields, never their values: it is stored with the run. `path` is the field
    that was missing, when the failure is about one.
    """

    def __init__(
        self, code: FailureCode, message: str, line: int | None = None, path: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line
        self.path = path


class BadValue(ValueError):
    """A filter was given something it cannot work with; the words become a `RenderFailed`."""

    def __init__(self, message: str, code: FailureCode = "wrong_value") -> None:
        super().__init__(message)
        self.code: FailureCode = code
