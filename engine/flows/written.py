"""The text of a flow as plain data, with the place of every part.

A strict, safe part of YAML, of which JSON is a part too: no tags, anchors, aliases, merge keys or
second documents, so a small file stays small in memory and means the same to every reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from engine.flows.places import Places, Position
from engine.flows.problems import Code, FlowProblem, pointer_to
from engine.flows.scalars import BadNumber, plain_value

MAX_BYTES: Final = 1 << 20
# A flow needs five levels above a rule, and rules end at 32.
MAX_DEPTH: Final = 64
# Some thousand steps; keeps the time to read a hostile file within a few seconds.
MAX_VALUES: Final = 100_000
# Whoever makes more mistakes than this has sent another kind of file.
MAX_PROBLEMS: Final = 100

_TOO_LARGE: Final = f"a flow may be {MAX_BYTES >> 10:,} KiB large; split it into several flows."
# The C parser is many times faster; a build of PyYAML without it still works.
_PARSER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SURROGATE_PAIR: Final = re.compile(
    r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
)


class TextRefused(ValueError):
    """The text is not a document we read; `problems` are in the order of the text."""

    def __init__(self, problems: list[FlowProblem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Written:
    """Plain data (dict, list, str, int, float, bool, None) and where each part of it stands.

    `problems` are mistakes that left the rest readable, such as a key written twice.
    """

    data: Any
    places: Places
    problems: list[FlowProblem]


def read_text(text: str | bytes, file: str) -> Written:
    """Read the text; raises TextRefused where nothing sensible can be read from it."""
    checked = _checked_text(text, file)
    building = _Building(Places(file))
    try:
        for event in yaml.parse(_with_pairs_joined(checked), Loader=_PARSER):
            building.take(event)
    except yaml.YAMLError as error:
        raise TextRefused([*building.problems, _syntax_problem(error, checked, file)]) from error
    except _Stop:
        raise TextRefused(building.problems) from None
    return Written(building.root, building.places, building.problems)


def _checked_text(text: str | bytes, file: str) -> str:
    def refusal(code: Code, message: str, position: Position = (1, 1)) -> TextRefused:
        return TextRefused([FlowProblem(code, "", message).at(file, *position)])

    # ahead of decoding: a character is at least a byte
    if len(text) > MAX_BYTES:
        raise refusal(Code.FILE_TOO_LARGE, _TOO_LARGE)
    try:
        data = text if isinstance(text, bytes) else text.encode()
        decoded = data.decode("utf-8-sig")
    except UnicodeError as error:
        before = data[: error.start] if isinstance(error, UnicodeDecodeError) else b""
        line = before.count(b"\n") + 1
        message = "the file is not UTF-8 text; save it as UTF-8."
        raise refusal(Code.NOT_TEXT, message, (line, 1)) from error
    if len(data) > MAX_BYTES:
        raise refusal(Code.FILE_TOO_LARGE, _TOO_LARGE)
    return decoded


def _with_pairs_joined(text: str) -> str:
    """JSON writes characters beyond 16 bits as two escapes, which the YAML parser refuses."""
    if not text.lstrip().startswith("{"):
        return text

    def joined(match: re.Match[str]) -> str:
        high, low = int(match[2], 16), int(match[3], 16)
        return f"{match[1]}{chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))}"

    return _SURROGATE_PAIR.sub(joined, text)


def _syntax_problem(error: yaml.YAMLError, text: str, file: str) -> FlowProblem:
    line, column, what = _place_of(error, text)
    lines = text.splitlines()
    for number in (line, line - 1):
        written = lines[number - 1] if 0 < number <= len(lines) else ""
        indentation = written[: len(written) - len(written.lstrip())]
        if "\t" in indentation:
            message = "the line is indented with a tab; use spaces."
            column = indentation.index("\t") + 1
            return FlowProblem(Code.TAB_INDENTATION, "", message).at(file, number, column)
    return FlowProblem(Code.SYNTAX, "", f"this is not YAML: {what}.").at(file, line, column)


def _place_of(error: yaml.YAMLError, text: str) -> tuple[int, int, str]:
    if isinstance(error, yaml.reader.ReaderError):
        # `position` counts characters; some builds of the parser leave it out
        before = text[: error.position] if isinstance(error.position, int) else ""
        column = len(before) - (before.rfind("\n") + 1) + 1
        return before.count("\n") + 1, column, "it holds a control character"
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        what = error.problem or error.context or "it cannot be read"
        if mark is not None:
            return mark.line + 1, mark.column + 1, what
        return 1, 1, what
    return 1, 1, "it cannot be read"


class _Stop(Exception):
    """Nothing behind this place is worth reading."""


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being read."""

    value: dict[str, Any] | list[Any]
    path: tuple[str | int, ...]
    key: str | None = None
    keys: set[str] = field(default_factory=set)


class _Building:
    """Builds data from parser events, without recursion."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.problems: list[FlowProblem] = []
        self.root: Any = None
        self._documents = 0
        self._values = 0
        self._open: list[_Open] = []

    def take(self, event: yaml.Event) -> None:
        self._values += 1
        if self._values > MAX_VALUES:
            message = f"the file holds more than {MAX_VALUES:,} words; split it into several flows."
            self._stop(Code.FILE_TOO_LARGE, message, event)
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    message = "the file holds a second flow after ---; write one flow a file."
                    self._stop(Code.SEVERAL_DOCUMENTS, message, event)
            case yaml.AliasEvent():
                message = "anchors (&) and aliases (*) are not read here; write the part out."
                self._stop(Code.ALIAS_REFUSED, message, event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._refuse_marks(event)
                self._enter({} if isinstance(event, yaml.MappingStartEvent) else [], event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._open.pop()
            case yaml.ScalarEvent():
                self._refuse_marks(event)
                self._scalar(event)

    def _enter(self, value: dict[str, Any] | list[Any], event: yaml.Event) -> None:
        if self._awaits_key():
            message = "a key must be a word, not a list or a mapping."
            self._stop(Code.SYNTAX, message, event)
        if len(self._open) >= MAX_DEPTH:
            message = f"this is nested more than {MAX_DEPTH} levels deep."
            self._stop(Code.TOO_DEEP, message, event)
        path = self._put(value)
        self.places.collections.setdefault(pointer_to(path), _position(event))
        self._open.append(_Open(value, path))

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        if self._awaits_key():
            self._key(event)
            return
        value: Any = event.value
        if event.implicit[0]:
            try:
                value = plain_value(event.value)
            except BadNumber as error:
                # any number will do: the text is refused, and nothing else complains of this place
                value = 0
                self._problem(Code.BAD_NUMBER, str(error), event)
        elif _unstorable(event.value):
            message = "the text holds a character that cannot be stored (NUL or half a pair)."
            self._problem(Code.BAD_TEXT, message, event)
        path = self._put(value)
        self.places.scalars.setdefault(pointer_to(path), _position(event))

    def _key(self, event: yaml.ScalarEvent) -> None:
        inside = self._open[-1]
        key = event.value
        if _unstorable(key):
            message = "the key holds a character that cannot be stored (NUL or half a pair)."
            self._stop(Code.BAD_TEXT, message, event)
        if key in inside.keys:
            message = f'"{key}" is written twice; the second would hide the first.'
            self._problem(Code.DUPLICATE_KEY, message, event)
        inside.keys.add(key)
        inside.key = key
        self.places.keys.setdefault(pointer_to((*inside.path, key)), _position(event))

    def _put(self, value: Any) -> tuple[str | int, ...]:
        """Add a value to what is open; a key's first value stays, so that places and data agree."""
        if not self._open:
            self.root = value
            return ()
        inside = self._open[-1]
        if isinstance(inside.value, list):
            inside.value.append(value)
            return (*inside.path, len(inside.value) - 1)
        key = inside.key or ""
        inside.key = None
        inside.value.setdefault(key, value)
        return (*inside.path, key)

    def _awaits_key(self) -> bool:
        if not self._open:
            return False
        inside = self._open[-1]
        return isinstance(inside.value, dict) and inside.key is None

    def _refuse_marks(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.anchor is not None:
            message = "anchors (&) and aliases (*) are not read here; write the part out."
            self._stop(Code.ALIAS_REFUSED, message, event)
        if event.tag is not None:
            message = f"tags such as {str(event.tag)[:40]} are not read here; leave it out."
            self._stop(Code.TAG_REFUSED, message, event)

    def _problem(self, code: Code, message: str, event: yaml.Event) -> None:
        pointer = pointer_to(self._here())
        self.problems.append(
            FlowProblem(code, pointer, message).at(self.places.file, *_position(event))
        )
        if len(self.problems) >= MAX_PROBLEMS:
            raise _Stop

    def _stop(self, code: Code, message: str, event: yaml.Event) -> None:
        self._problem(code, message, event)
        raise _Stop

    def _here(self) -> Iterator[str | int]:
        if self._open:
            yield from self._open[-1].path
            if self._open[-1].key is not None:
                yield self._open[-1].key


def _position(event: yaml.Event) -> Position:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def _unstorable(text: str) -> bool:
    return "\0" in text or any("\ud800" <= character <= "\udfff" for character in text)
