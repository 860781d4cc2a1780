"""MJML to HTML, once, with Jinja left as it stands.

The compiler sees no Jinja and no HTML of the author's: both are put aside before it runs. What it
would drop without a word (unknown elements, text between elements) is refused, with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from html import escape

from jinja2 import TemplateSyntaxError
from mjml import mjml2html

from engine.rendering.compiled import read
from engine.rendering.marks import Marks, pieces
from engine.rendering.mjml_words import BLOCKS_IN, CHILDREN, ENDING, KNOWN, NEVER
from engine.rendering.problems import ProblemCode, TemplateProblem, TemplateRefused
from engine.rendering.tags import Attribute, Token, tokens

_ANY = frozenset({"mj-attributes"})
_PLAIN_VALUE = re.compile(r"[ !#-\[\]-~]*")
_INLINE = re.compile(r"inline\s*=\s*[\"']inline[\"']")


@dataclass(frozen=True, slots=True)
class CompiledMjml:
    """`css` came from `<mj-style inline="inline">` and is still to be written into the tags."""

    html: str
    css: str


def compile_mjml(source: str, language: str) -> CompiledMjml:
    """The letter as HTML; raises TemplateRefused with every mistake and its line."""
    work = _Work(source, language)
    prepared = work.prepared()
    if work.problems:
        raise TemplateRefused(tuple(sorted(work.problems, key=lambda problem: problem.line)))
    try:
        html = mjml2html(prepared, fonts={})
    except ValueError as error:
        problem = TemplateProblem(1, "mjml", f"The MJML cannot be read: {error}.")
        raise TemplateRefused((problem,)) from None
    work.check_order(html)
    if work.problems:
        raise TemplateRefused(tuple(sorted(work.problems, key=lambda problem: problem.line)))
    return CompiledMjml(work.marks.back(html), "\n".join(work.css))


class _Work:
    """One compilation: the marks it put, and what it found wrong."""

    def __init__(self, source: str, language: str) -> None:
        self.marks = Marks(source)
        self.problems: list[TemplateProblem] = []
        self.css: list[str] = []
        self._language = language
        self._stack: list[str] = []
        self._began: list[int] = []
        self._blocks: list[int] = []
        self._needed: list[int] = []
        self._inline_style = False
        self._masked = self._jinja_aside(source)

    def prepared(self) -> str:
        """The source as the compiler may see it; notes what is wrong on the way."""
        text = "".join(self._piece(token) for token in tokens(self._masked, ENDING))
        if self._stack:
            self._note(self._began[-1], "mjml", f"<{self._stack[-1]}> is never closed.")
        elif not text.lstrip().startswith("<mjml"):
            self._note(0, "mjml", "The letter must begin with <mjml> and end with </mjml>.")
        return text

    def check_order(self, html: str) -> None:
        """Everything put aside must come out, and blocks in the order they went in."""
        order = self.marks.order(html)
        found = set(order)
        for number in self._needed:
            if number not in found:
                line = self.marks.lines[number]
                words = f"{self.marks.shown(number)} has no effect here; MJML leaves it out."
                self.problems.append(TemplateProblem(line, "moved", words))
        blocks = set(self._blocks)
        if [number for number in order if number in blocks] != self._blocks:
            line = self.marks.lines[self._blocks[0]]
            words = "A {% ... %} between elements would end up elsewhere; put it inside one."
            self.problems.append(TemplateProblem(line, "moved", words))

    def _jinja_aside(self, source: str) -> str:
        try:
            return "".join(
                one.text if one.kind == "text" else self.marks.put(one.text, one.line)
                for one in pieces(source)
            )
        except TemplateSyntaxError as error:
            raise TemplateRefused(tuple(read(source)[1].problems)) from error

    def _piece(self, token: Token) -> str:
        match token.kind:
            case "comment":
                return ""
            case "raw":
                return self._inside(token)
            case "open":
                return self._opened(token)
            case "close":
                return self._closed(token)
        return self._between(token)

    def _inside(self, token: Token) -> str:
        """What an ending tag holds: one mark for all of it."""
        line = self._line(token.at)
        text = self.marks.back(token.text)
        if token.name == "mj-style":
            if "{{" in text or "{%" in text:
                self._note(token.at, "not_allowed", "Styles are the same for everybody.")
            if self._inline_style:
                self.css.append(text)
                return ""
            return text
        for problem in read(text)[1].problems:
            if problem.code == "syntax":
                found = TemplateProblem(line + problem.line - 1, "syntax", problem.message)
                self.problems.append(found)
        if token.name == "mj-title":
            # the compiler writes it into an attribute too
            text = escape(text, quote=True) if "{" not in text else text.replace('"', "&quot;")
        if not text.strip():
            return text
        number = len(self.marks.kept)
        mark = self.marks.put(text, line)
        self._needed.append(number)
        return mark

    def _opened(self, token: Token) -> str:
        name, parent = token.name, self._stack[-1] if self._stack else ""
        if name in NEVER:
            self._note(token.at, "not_allowed", NEVER[name])
        elif parent not in _ANY and name not in CHILDREN.get(parent, frozenset()):
            self._note(token.at, "mjml", _misplaced(name, parent))
        self._inline_style = name == "mj-style" and _INLINE.search(token.text) is not None
        if not token.empty:
            self._stack.append(name)
            self._began.append(token.at)
        return self._with_language(self._with_plain_values(token))

    def _closed(self, token: Token) -> str:
        if not self._stack or self._stack[-1] != token.name:
            opened = f"; <{self._stack[-1]}> is open" if self._stack else ""
            self._note(token.at, "mjml", f"</{token.name}> closes nothing here{opened}.")
        if token.name in self._stack:
            while self._began.pop() is not None and self._stack.pop() != token.name:
                pass
        return token.text

    def _between(self, token: Token) -> str:
        """Text between elements: nothing but `{% %}`, where the compiler leaves it in its place."""
        rest, written = token.text, []
        for number in self.marks.order(token.text):
            mark = self.marks.mark(number)
            before, rest = rest.split(mark, 1)
            self._no_text(before, token)
            written.append(before + self._block(number, mark))
        self._no_text(rest, token)
        return "".join(written) + rest

    def _block(self, number: int, mark: str) -> str:
        kept, parent = self.marks.kept[number], self._stack[-1] if self._stack else ""
        if kept.startswith("{#"):
            return ""
        line = self.marks.lines[number]
        if not kept.startswith("{%"):
            words = f"{self.marks.shown(number)} stands between elements; put it into <mj-text>."
            self.problems.append(TemplateProblem(line, "mjml", words))
        elif parent not in BLOCKS_IN:
            inside = f"directly in <{parent}>" if parent else "outside of <mjml>"
            words = f"{self.marks.shown(number)} cannot stand {inside}; put it around it."
            self.problems.append(TemplateProblem(line, "moved", words))
        self._blocks.append(number)
        self._needed.append(number)
        return f"<mj-raw>{mark}</mj-raw>"

    def _no_text(self, text: str, token: Token) -> None:
        words = text.strip()
        if words and self._stack and self._stack[-1] in ENDING:
            return
        if words:
            shown = words if len(words) <= 40 else f"{words[:40]}…"
            self._note(token.at, "mjml", f'"{shown}" stands between elements; use <mj-text>.')

    def _with_plain_values(self, token: Token) -> str:
        """Attribute values that are more than plain letters go under marks: the compiler would
        write them its own way."""
        written, last = [], 0
        for one in token.attributes:
            if one.value is None or not self._must_be_kept(one):
                continue
            number = len(self.marks.kept)
            line = self._line(token.at)
            value = self.marks.back(one.value)
            self._needed.append(number)
            mark = self.marks.put(value.replace('"', "&quot;") if "{" not in value else value, line)
            written.append(token.text[last : one.start] + mark)
            last = one.end
        return "".join(written) + token.text[last:]

    def _must_be_kept(self, one: Attribute) -> bool:
        assert one.value is not None
        return bool(self.marks.order(one.value)) or not _PLAIN_VALUE.fullmatch(one.value)

    def _with_language(self, text: str) -> str:
        if not text.startswith("<mjml") or re.search(r"\slang\s*=", text):
            return text
        return f'<mjml lang="{self._language}" dir="auto"{text.removeprefix("<mjml")}'

    def _line(self, at: int) -> int:
        return self.marks.back(self._masked[:at]).count("\n") + 1

    def _note(self, at: int, code: ProblemCode, message: str) -> None:
        self.problems.append(TemplateProblem(self._line(at), code, message))


def _misplaced(name: str, parent: str) -> str:
    if name not in KNOWN and name not in CHILDREN:
        close = get_close_matches(name, KNOWN, n=1)
        return f"MJML has no <{name}>" + (f"; did you mean <{close[0]}>?" if close else ".")
    where = " or ".join(sorted(f"<{one}>" for one in _parents(name)))
    return f"<{name}> cannot stand in <{parent}>; it belongs in {where or 'nothing'}."


def _parents(name: str) -> Iterator[str]:
    return (parent for parent, names in CHILDREN.items() if name in names and parent)
