"""What is wrong with a rule, where, and under which code a program may react to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Code = Literal[
    "not_a_rule",
    "unknown_dialect",
    "too_deep",
    "too_large",
    "too_many_items",
    "bad_number",
    "bad_text",
    "bad_date",
    "bad_span",
    "bad_money",
    "bad_choice",
    "unknown_operator",
    "wrong_argument_count",
    "unknown_field",
    "field_out_of_reach",
    "unknown_value",
    "wrong_type",
    "type_unclear",
    "needs_literal",
    "empty_group",
    "null_not_allowed",
    "too_steep",
    "unknown_segment",
    "circular_segment",
]


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """One thing to mend; `pointer` is a JSON Pointer (RFC 6901) into the document as given."""

    pointer: str
    code: Code
    message: str

    def __post_init__(self) -> None:
        # both may repeat what was handed in
        object.__setattr__(self, "pointer", _sendable(self.pointer))
        object.__setattr__(self, "message", _sendable(self.message))

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.message}"


class RuleRefused(ValueError):
    """The rule cannot be saved; `problems` holds everything found, in document order."""

    def __init__(self, problems: tuple[RuleProblem, ...]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


def step_into(pointer: str, key: str | int) -> str:
    """The pointer to a member or item one level down."""
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


def key_text(key: object) -> str:
    """A member's name for a pointer, shortened; in Python it may be anything."""
    return key[:100] if isinstance(key, str) else shown(key)


def _sendable(text: str) -> str:
    """Half a surrogate pair cannot be written as UTF-8, so an answer cannot hold it."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def nearest(problem: RuleProblem, document: object) -> RuleProblem:
    """The problem at the nearest place that exists, where a macro had put words of its own."""
    kept, here = "", document
    for part in problem.pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(here, dict) and key in here:
            here = here[key]
        elif isinstance(here, list | tuple) and key.isdecimal() and int(key) < len(here):
            here = here[int(key)]
        else:
            break
        kept = step_into(kept, key)
    return RuleProblem(kept, problem.code, problem.message)


def shown(value: object) -> str:
    """A short, safe rendering of untrusted input for a message."""
    match value:
        case str():
            return f'"{value[:40]}…"' if len(value) > 40 else f'"{value}"'
        case bool() | None:
            return {True: "true", False: "false", None: "null"}[value]
        case int() | float():
            return str(value) if abs(value) < 1e18 else "a huge number"
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            return f"a {type(value).__name__}"
