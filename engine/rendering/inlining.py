"""Styles written into the tags, once, with Jinja left as it stands.

Many mail programs drop what stands in `<style>`. Nothing is loaded from anywhere: neither linked
style sheets nor imports.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import zip_longest

from css_inline import CSSInliner, InlineError
from jinja2 import TemplateSyntaxError

from engine.rendering.compiled import read
from engine.rendering.marks import Marks, pieces
from engine.rendering.problems import TemplateProblem, TemplateRefused
from engine.rendering.tags import Token, tokens

_CONDITIONAL = re.compile(r"<!--.*?-->", re.DOTALL)
_STYLE = re.compile(r"<style\b", re.IGNORECASE)
_WHOLE = re.compile(r"<html\b", re.IGNORECASE)


def inline_styles(html: str, css: str = "", *, own_styles: bool = True) -> str:
    """The letter with its `<style>` rules (unless `own_styles` is False) and `css` in its tags.

    Media queries stay where they are. A letter without styles comes back untouched. Raises
    TemplateRefused where Jinja stands so that it would move.
    """
    has_own = own_styles and _STYLE.search(_CONDITIONAL.sub("", html)) is not None
    if not has_own and not css.strip():
        return html
    if not _WHOLE.search(html):
        words = "Styles need a whole document, or a frame that is one; write <html> around it."
        raise TemplateRefused((TemplateProblem(1, "not_allowed", words),))
    marks = Marks(html)
    problems: list[TemplateProblem] = []
    source = _aside(html, marks)
    found = tokens(source if own_styles else _styles_aside(source, marks))
    whole = _with_table_bodies(found)
    masked = "".join(_safe(token, marks, problems) for token in whole)
    if problems:
        raise TemplateRefused(tuple(problems))
    inliner = CSSInliner(
        keep_at_rules=True,
        load_remote_stylesheets=False,
        extra_css=css or None,
    )
    try:
        written = inliner.inline(masked)
    except (InlineError, ValueError) as error:
        words = f"The styles cannot be read: {error}."
        raise TemplateRefused((TemplateProblem(1, "style", words),)) from None
    _check_order(marks, masked, written)
    return marks.back(re.sub(r"<!--(zq\w+)-->", _bare(marks), written))


def _aside(html: str, marks: Marks) -> str:
    try:
        found = list(pieces(html))
    except TemplateSyntaxError:
        raise TemplateRefused(tuple(read(html)[1].problems)) from None
    kept = (one for one in found if one.kind != "remark")
    return "".join(
        one.text if one.kind == "text" else marks.put(one.text, one.line) for one in kept
    )


def _styles_aside(source: str, marks: Marks) -> str:
    """Every `<style>` that is not within a comment as a mark."""
    written: list[str] = []
    held: list[str] = []
    for token in tokens(source):
        into = held if held or (token.kind == "open" and token.name == "style") else written
        into.append(token.text)
        if held and token.kind == "close" and token.name == "style":
            written.append(marks.put("".join(held), 1))
            held = []
    return "".join([*written, *held])


def _with_table_bodies(found: Iterable[Token]) -> Iterator[Token]:
    """Write the `<tbody>` that HTML readers add of themselves, lest it gets into a loop of rows."""
    tables: list[bool] = []
    held: list[Token] | None = None
    for token in found:
        if held is not None and token.kind in ("text", "comment"):
            held.append(token)
            continue
        if held is not None:
            tables[-1] = token.kind == "open" and token.name == "tr"
            if tables[-1]:
                yield Token("open", "<tbody>", token.at, "tbody")
            yield from held
            held = None
        if token.kind == "close" and token.name == "table" and tables and tables.pop():
            yield Token("close", "</tbody>", token.at, "tbody")
        yield token
        if token.kind == "open" and token.name == "table":
            tables.append(False)
            held = []
    yield from held or ()


def _safe(token: Token, marks: Marks, problems: list[TemplateProblem]) -> str:
    """The token with its marks as the HTML reader will leave them: in text as comments, which stay
    in their place even between the rows of a table."""
    order = marks.order(token.text)
    if not order:
        return token.text
    line = marks.lines[order[0]]
    if token.kind == "text":
        text = token.text
        for number in order:
            text = text.replace(marks.mark(number), f"<!--{marks.mark(number)}-->")
        return text
    if token.kind == "raw" and token.name in ("style", "script"):
        words = "Styles are the same for everybody; no variables may stand in <style>."
        problems.append(TemplateProblem(line, "not_allowed", words))
    elif token.kind == "open":
        in_values = [
            number for one in token.attributes if one.value for number in marks.order(one.value)
        ]
        if in_values != order:
            words = f"{marks.shown(order[0])} stands among attributes; put it into a value."
            problems.append(TemplateProblem(line, "moved", words))
    return token.text


def _check_order(marks: Marks, before: str, after: str) -> None:
    """Values and blocks must come out where they went in."""
    wanted, found = _order(marks, before), _order(marks, after)
    if wanted == found:
        return
    pairs = zip_longest(wanted, found)
    one, other = next(pair for pair in pairs if pair[0] != pair[1])
    number = other if one is None else one
    assert number is not None
    words = f"{marks.shown(number)} would move when styles are written into the tags."
    raise TemplateRefused((TemplateProblem(marks.lines[number], "moved", words),))


def _order(marks: Marks, text: str) -> list[int]:
    """The marks as they come; attributes of one tag in any order, for CSSInliner sorts them."""
    found: list[int] = []
    for token in tokens(text):
        order = marks.order(token.text)
        found.extend(sorted(order) if token.kind == "open" else order)
    return found


def _bare(marks: Marks) -> Callable[[re.Match[str]], str]:
    """A comment that holds nothing but a mark, as the mark alone."""

    def written(found: re.Match[str]) -> str:
        return found[1] if marks.order(found[1]) else found[0]

    return written
