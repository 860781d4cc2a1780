"""What is wrong with a flow: where, under which code, and whether it stops publishing."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeAlias

from engine.errors import Problem, Refused

Path: TypeAlias = tuple[str | int, ...]


class Severity(StrEnum):
    """An `error` keeps a flow from being published; a `warning` leaves it to the person."""

    ERROR = "error"
    WARNING = "warning"


class Code(StrEnum):
    """Why a flow is refused or doubted. Codes are stable, programs may react to them."""

    FILE_TOO_LARGE = "file_too_large"
    NOT_TEXT = "not_text"
    SYNTAX = "syntax"
    TAB_INDENTATION = "tab_indentation"
    SEVERAL_DOCUMENTS = "several_documents"
    ALIAS_REFUSED = "alias_refused"
    TAG_REFUSED = "tag_refused"
    TOO_DEEP = "too_deep"
    DUPLICATE_KEY = "duplicate_key"
    BAD_NUMBER = "bad_number"
    BAD_TEXT = "bad_text"
    UNKNOWN_KEY = "unknown_key"
    MISSING_KEY = "missing_key"
    WRONG_TYPE = "wrong_type"
    BAD_NAME = "bad_name"
    BAD_CHOICE = "bad_choice"
    BAD_SPAN = "bad_span"
    BAD_VALUE = "bad_value"
    BAD_RULE = "bad_rule"
    BAD_TEMPLATE = "bad_template"
    UNKNOWN_STEP = "unknown_step"
    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_SEGMENT = "unknown_segment"
    UNKNOWN_FLOW = "unknown_flow"
    UNKNOWN_SOURCE = "unknown_source"
    UNKNOWN_CALENDAR = "unknown_calendar"
    UNKNOWN_STAGE = "unknown_stage"
    UNKNOWN_CHANNEL = "unknown_channel"
    UNKNOWN_SENDER = "unknown_sender"
    UNKNOWN_ASSIGNMENT = "unknown_assignment"
    UNKNOWN_POLICY = "unknown_policy"
    UNKNOWN_CHAIN = "unknown_chain"
    UNKNOWN_NODE = "unknown_node"
    UNKNOWN_EXIT = "unknown_exit"
    OPEN_EXIT = "open_exit"
    NO_STEPS = "no_steps"
    UNREACHABLE_NODE = "unreachable_node"
    LOOP_WITHOUT_WAIT = "loop_without_wait"
    UNREACHABLE_CASE = "unreachable_case"
    OVERLAPPING_CASES = "overlapping_cases"
    NEVER_TRUE = "never_true"
    MISSING_TEMPLATE = "missing_template"
    NO_CONSENT_NOTE = "no_consent_note"
    UNKNOWN_PERSON = "unknown_person"
    MANY_MESSAGES = "many_messages"
    ENTRY_NEEDS_EVENT = "entry_needs_event"
    DONE_AGAIN = "done_again"
    ENDLESS_LOOP = "endless_loop"
    LEAVES_AT_ONCE = "leaves_at_once"
    MISSING_VARIABLE = "missing_variable"
    MISSING_FILE = "missing_file"
    MARKETING_IN_SERVICE = "marketing_in_service"
    SERVICE_IN_MARKETING = "service_in_marketing"
    SERVICE_AFTER_MARKETING = "service_after_marketing"
    MANY_ENTRIES = "many_entries"
    YEARS_SKIPPED = "years_skipped"
    FIELD_CONFLICT = "field_conflict"
    SHARED_AUDIENCE = "shared_audience"
    FLOW_CIRCLE = "flow_circle"


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """A mistake in the settings of one node; `path` starts there, e.g. ("cases", 0, "when")."""

    path: Path
    code: Code
    message: str
    detail: str | None = None


class SettingsRefused(ValueError):
    """The settings of a node do not make a step; `problems` holds all mistakes found."""

    def __init__(self, problems: Sequence[SettingProblem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class FlowProblem:
    """One thing to mend.

    `pointer` is a JSON Pointer (RFC 6901) into the flow as people write it. `file`, `line` and
    `column` (both from 1) are known when the flow came from a text. `detail` is the rule language's
    own code when `code` is `bad_rule`.
    """

    code: Code
    pointer: str
    message: str
    severity: Severity = Severity.ERROR
    file: str | None = None
    line: int | None = None
    column: int | None = None
    detail: str | None = None

    @property
    def place(self) -> str:
        """ "welcome.yaml:12:5" when the place in a text is known, else the pointer."""
        if self.line is None:
            return self.pointer or "/"
        return f"{self.file or 'flow'}:{self.line}:{self.column}"

    def at(self, file: str, line: int, column: int) -> FlowProblem:
        return replace(self, file=file, line=line, column=column)

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class FlowRefused(Refused):
    """The flow cannot be used. `flow_problems` has every mistake, in the order of the file."""

    code = "flow_refused"

    def __init__(self, message: str, problems: Iterable[FlowProblem]) -> None:
        self.flow_problems = tuple(problems)
        super().__init__(
            message,
            (
                Problem(problem.place, problem.code.value, problem.message)
                for problem in self.flow_problems
            ),
        )


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, or None when nothing is close."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence to end a message with: the nearest known word, else all that are possible."""
    known = list(known)
    meant = nearest(word, known)
    if meant:
        return f'did you mean "{meant}"?'
    if not known:
        return "nothing is possible here."
    return f"possible here: {', '.join(known)}."


def shown(value: Any) -> str:
    """A short rendering of what somebody wrote, for a message."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value[:40]}…"' if len(value) > 40 else f'"{value}"'
        case int() | float():
            return f"the number {value}"
        case list() | tuple():
            return "a list"
        case dict():
            return "a mapping"
        case _:
            return f"a {type(value).__name__}"


def pointer_to(path: Iterable[str | int]) -> str:
    """The JSON Pointer of a path."""
    return "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in path)
