"""Taking values out of a written mapping, with every mistake kept instead of raised."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.flows.problems import Code, FlowProblem, Path, did_you_mean, pointer_to, shown
from engine.local_time import SpanRefused, parse_span

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
LONGEST_TEXT: Final = 200


@dataclass(slots=True)
class Reader:
    """Collects what is wrong. Each method answers None when it cannot answer and has said why."""

    problems: list[FlowProblem] = field(default_factory=list)

    def refuse(self, code: Code, path: Path, message: str, *, detail: str | None = None) -> None:
        self.problems.append(FlowProblem(code, pointer_to(path), message, detail=detail))

    def mapping(self, value: Any, path: Path, what: str) -> dict[str, Any] | None:
        if isinstance(value, dict):
            return value
        self.refuse(Code.WRONG_TYPE, path, f"{what} is a mapping, not {shown(value)}.")
        return None

    def only(self, given: Mapping[str, Any], path: Path, known: Collection[str]) -> None:
        """Complain of keys that nobody reads."""
        for key in given:
            if key not in known:
                message = f'unknown key "{key}"; {did_you_mean(key, known)}'
                self.refuse(Code.UNKNOWN_KEY, (*path, key), message)

    def required(self, given: Mapping[str, Any], key: str, path: Path) -> bool:
        if key in given:
            return True
        self.refuse(Code.MISSING_KEY, path, f'"{key}" is missing.')
        return False

    def line(self, given: Mapping[str, Any], key: str, path: Path) -> str | None:
        """One line of text that is not empty."""
        value = given.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            message = f'"{key}" is a text, not {shown(value)}; quote it if it is meant as text.'
            self.refuse(Code.WRONG_TYPE, (*path, key), message)
            return None
        if not value.strip() or len(value) > LONGEST_TEXT:
            message = f'"{key}" needs between 1 and {LONGEST_TEXT} characters.'
            self.refuse(Code.BAD_VALUE, (*path, key), message)
            return None
        return value

    def name(self, value: Any, path: Path, what: str) -> str | None:
        if isinstance(value, str) and NAME.fullmatch(value):
            return value
        message = (
            f"{what} {shown(value)} is not a name; use lower-case letters, digits and _, "
            "with a letter first, at most 63 characters."
        )
        self.refuse(Code.BAD_NAME, path, message)
        return None

    def choice(
        self, given: Mapping[str, Any], key: str, path: Path, options: Collection[str]
    ) -> str | None:
        value = given.get(key)
        if isinstance(value, str) and value in options:
            return value
        if key in given:
            message = f'"{key}" cannot be {shown(value)}; {did_you_mean(str(value), options)}'
            self.refuse(Code.BAD_CHOICE, (*path, key), message)
        return None

    def span(self, given: Mapping[str, Any], key: str, path: Path) -> str | None:
        value = given.get(key)
        if value is None:
            return None
        advice = 'write a duration such as "3d" or "P3D".'
        if not isinstance(value, str):
            self.refuse(Code.BAD_SPAN, (*path, key), f'"{key}" is {shown(value)}; {advice}')
            return None
        try:
            span = parse_span(value)
        except SpanRefused as error:
            self.refuse(Code.BAD_SPAN, (*path, key), f'"{key}": {error}')
            return None
        if not span or min(span.months, span.days, span.seconds) < 0:
            message = f'"{key}" must be longer than nothing; {advice}'
            self.refuse(Code.BAD_SPAN, (*path, key), message)
            return None
        return value
