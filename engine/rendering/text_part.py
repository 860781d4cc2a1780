"""The plain-text twin of an HTML letter, links written out.

It is made once from the template's source, so that sending costs no HTML parsing: what stands in
`{{ }}` and `{% %}` is put aside under marks that survive the conversion, and put back afterwards.
Where a letter is built so that marks would move, its text is made from each rendered letter.
"""

from __future__ import annotations

import re

import lxml.html  # type: ignore[import-untyped]
from inscriptis import Inscriptis
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig
from lxml import etree

from engine.rendering.compiled import compiled
from engine.rendering.problems import TemplateRefused

_JINJA = re.compile(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
# Private-use characters: no letter has them, no HTML reader touches them.
_OPEN, _CLOSE = "\ue0f0", "\ue0f1"
_MARK = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_BLANK_LINES = re.compile(r"\n{3,}")
# A table cell begins with one space; a list item with two or more.
_ONE_SPACE = re.compile(r"^ (?! )", re.MULTILINE)
_LINE_ENDS = re.compile(r"[ \t\r]+\n")
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_CONFIG = ParserConfig(css=CSS_PROFILES["strict"])


def text_of_html(html: str) -> str:
    """The words of a letter with its links as `words <address>`; what is not shown is left out."""
    if not html.strip():
        return ""
    try:
        tree = lxml.html.document_fromstring(html)
    except etree.ParserError:
        return ""
    _drop_hidden(tree)
    _write_links_out(tree)
    text: str = Inscriptis(tree, _CONFIG).get_text()
    return tidy(_ONE_SPACE.sub("", text))


def text_template(html_source: str) -> str | None:
    """A template for the text part, or None when it has to be made from each rendered letter."""
    kept: list[str] = []

    def put_aside(match: re.Match[str]) -> str:
        if match[0].startswith("{#"):
            return ""
        kept.append(match[0])
        return f"{_OPEN}{len(kept) - 1}{_CLOSE}"

    marked = _JINJA.sub(put_aside, html_source)
    text = text_of_html(marked)
    if not _blocks_survived(text, kept):
        return None
    source = _MARK.sub(lambda match: kept[int(match[1])], text)
    try:
        compiled(source, html=False)
    except TemplateRefused:
        return None
    return source


def tidy(text: str) -> str:
    """No spaces at the ends of lines, at most one empty line between two."""
    return _BLANK_LINES.sub("\n\n", _LINE_ENDS.sub("\n", text)).strip() + "\n"


def _blocks_survived(text: str, kept: list[str]) -> bool:
    """Every `{% %}` once and in its place; a value may be gone with a hidden part."""
    blocks = [number for number, piece in enumerate(kept) if piece.startswith("{%")]
    found = [int(match[1]) for match in _MARK.finditer(text)]
    return [number for number in found if kept[number].startswith("{%")] == blocks


def _drop_hidden(tree: lxml.html.HtmlElement) -> None:
    for element in list(tree.iter()):
        if not isinstance(element.tag, str) or (
            _is_hidden(element) and element.getparent() is not None
        ):
            element.drop_tree()


def _is_hidden(element: lxml.html.HtmlElement) -> bool:
    unseen = element.tag in ("head", "script", "style", "title")
    return unseen or _HIDDEN.search(element.get("style") or "") is not None


def _write_links_out(tree: lxml.html.HtmlElement) -> None:
    for image in list(tree.iter("img")):
        image.tag = "span"
        image.text = image.get("alt") or ""
    for link in list(tree.iter("a")):
        address = (link.get("href") or "").strip()
        words = " ".join((link.text_content() or "").split())
        if not address or address.startswith("#") or address in (words, f"mailto:{words}"):
            continue
        shown = f" <{address.removeprefix('mailto:')}>"
        last = link[-1] if len(link) else None
        if last is None:
            link.text = f"{(link.text or '').rstrip()}{shown}"
        else:
            last.tail = f"{(last.tail or '').rstrip()}{shown}"
