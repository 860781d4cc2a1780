"""What is wrong with a scoring model, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """Stable; programs may react to them."""

    WRONG_TYPE = "wrong_type"
    UNKNOWN_KEY = "unknown_key"
    MISSING_KEY = "missing_key"
    BAD_NAME = "bad_name"
    BAD_VALUE = "bad_value"
    BAD_RULE = "bad_rule"
    REPEATED = "repeated"
    NEVER_TRUE = "never_true"


@dataclass(frozen=True, slots=True)
class ModelProblem:
    """`pointer` is a JSON Pointer (RFC 6901) into the model as written."""

    pointer: str
    code: Code
    message: str
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.message}"


class ModelRefused(ValueError):
    """The model cannot be used; `problems` has every mistake."""

    def __init__(self, problems: Iterable[ModelProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))
