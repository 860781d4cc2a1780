"""Putting Jinja aside while a tool that knows only HTML or MJML works on the text around it.

Every `{{ }}` and `{% %}` becomes a mark of plain letters and digits, which parsers, serialisers and
CSS engines hand through unchanged; afterwards the marks are replaced by what they stand for. A tool
that moved, lost or doubled a mark shows in the order of the marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import Environment, TemplateSyntaxError

_LEXER = Environment(keep_trailing_newline=True, autoescape=True)
_OPENERS = {"variable_begin", "block_begin", "comment_begin", "raw_begin"}
_CLOSERS = {"variable_end", "block_end", "comment_end", "raw_end"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a source; `kind` is "text", or "value", "block" and "remark" of Jinja.

    `line` counts from 1. A `{% raw %}` with what it holds is one block.
    """

    kind: str
    text: str
    line: int


def pieces(source: str) -> Iterator[Piece]:
    """The source in order; raises jinja2.TemplateSyntaxError when Jinja cannot read it."""
    held: list[str] = []
    kind, begun = "", 1
    for line, token, text in _LEXER.lex(source):
        if not held and token in _OPENERS:
            held, begun = [text], line
            kind = {"variable_begin": "value", "comment_begin": "remark"}.get(token, "block")
        elif held:
            held.append(text)
            if token in _CLOSERS:
                yield Piece(kind, "".join(held), begun)
                held = []
        elif text:
            yield Piece("text", text, line)
    if held:
        raise TemplateSyntaxError("It is never closed", begun)


class Marks:
    """What was put aside from one source."""

    def __init__(self, source: str) -> None:
        self._salt = _free_salt(source)
        self._pattern = re.compile(f"{self._salt}(\\d{{5}}){self._salt[::-1]}")
        self.kept: list[str] = []
        self.lines: list[int] = []

    def put(self, text: str, line: int) -> str:
        """Keep the text; the mark that stands for it."""
        self.kept.append(text)
        self.lines.append(line)
        return self.mark(len(self.kept) - 1)

    def mark(self, number: int) -> str:
        return f"{self._salt}{number:05d}{self._salt[::-1]}"

    def order(self, text: str) -> list[int]:
        """The numbers of the marks in a text, as they come."""
        return [int(found[1]) for found in self._pattern.finditer(text)]

    def back(self, text: str) -> str:
        """The text with everything in its place again; marks within what was kept too."""
        while self._pattern.search(text):
            text = self._pattern.sub(lambda found: self.kept[int(found[1])], text)
        return text

    def shown(self, number: int) -> str:
        """What a mark stands for, short enough for a sentence."""
        text = " ".join(self.back(self.kept[number]).split())
        return text if len(text) <= 60 else f"{text[:60]}…"


@lru_cache(maxsize=256)
def _free_salt(source: str) -> str:
    """Letters that the source does not contain."""
    number = 0
    while (salt := f"zq{_letters(number)}j") in source or salt[::-1] in source:
        number += 1
    return salt


def _letters(number: int) -> str:
    return "".join("bcdfghkmnp"[int(digit)] for digit in f"{number:03d}")
