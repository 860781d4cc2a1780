"""The plain-text twin of an HTML letter, links written out.

It is made once from the template's source, so that sending costs no HTML parsing: what stands in
`{{ }}` and `{% %}` is put aside under marks that survive the conversion, and put back afterwards.
Where a letter is built so that marks would move, its text is made from each rendered letter.
"""

from __future__ import annotations

import re
from functools import lru_cache

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
# A block begins with for or if and ends with endfor or endif; else and elif stand in between.
_BLOCK = re.compile(r"\{%[-+]?\s*(end)?(for|if)\b")
# Where a table holds nothing but its own parts: other text is written ahead of the whole table.
_LOOSE = frozenset({"table", "thead", "tbody", "tfoot", "tr", "colgroup"})
# A field may hold what XML cannot, and lxml refuses all of it.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_CONFIG = ParserConfig(css=CSS_PROFILES["strict"])


def text_of_html(html: str) -> str:
    """The words of a letter with its links as `words <address>`; what is not shown is left out."""
    tree = _tree(html)
    return "" if tree is None else _words(tree)


def _tree(html: str) -> lxml.html.HtmlElement | None:
    """What is shown of it, or None where that is nothing."""
    clean = _NOT_XML.sub("", html)
    if not clean.strip():
        return None
    try:
        tree = lxml.html.document_fromstring(clean)
    except etree.ParserError:
        return None
    _drop_hidden(tree)
    _open_layout(tree)
    return tree


def _words(tree: lxml.html.HtmlElement) -> str:
    _write_links_out(tree)
    text: str = Inscriptis(tree, _CONFIG).get_text()
    return tidy(_ONE_SPACE.sub("", text))


@lru_cache(maxsize=512)
def text_template(html_source: str) -> str | None:
    """A template for the text part, or None when it has to be made from each rendered letter."""
    kept: list[str] = []

    def put_aside(match: re.Match[str]) -> str:
        if match[0].startswith("{#"):
            return ""
        kept.append(match[0])
        return f"{_OPEN}{len(kept) - 1}{_CLOSE}"

    tree = _tree(_JINJA.sub(put_aside, html_source))
    if tree is not None and not _stays(tree, kept):
        return None
    text = "" if tree is None else _words(tree)
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


def _stays(tree: lxml.html.HtmlElement, kept: list[str]) -> bool:
    """Whether the conversion leaves every mark beside the words that it stands beside. Between the
    rows and cells of a table it does not, and lines of cells side by side are written in turn, so
    a block must begin and end in one piece of text there. The address of a link goes to its end."""
    for element in tree.iter():
        parent, in_table = element.getparent(), element.tag in _LOOSE
        if in_table and _MARK.search(element.text or ""):
            return False
        if parent is not None and parent.tag in _LOOSE and _MARK.search(element.tail or ""):
            return False
        if element.tag == "a" and not _balanced(element.text_content(), kept):
            return False
    for cell in tree.iter("td", "th", "caption"):
        for text in cell.itertext():
            if not _balanced(text, kept):
                return False
    return True


def _balanced(text: str, kept: list[str]) -> bool:
    """Whether all blocks that begin in the text end in it, and no others do."""
    depth = 0
    for mark in _MARK.finditer(text):
        piece = kept[int(mark[1])]
        if not piece.startswith("{%"):
            continue
        block = _BLOCK.match(piece)
        if block is not None:
            depth += -1 if block[1] else 1
        if depth < 0 or (block is None and depth == 0):
            return False
    return depth == 0


def _drop_hidden(tree: lxml.html.HtmlElement) -> None:
    for element in list(tree.iter()):
        if not isinstance(element.tag, str) or (
            _is_hidden(element) and element.getparent() is not None
        ):
            element.drop_tree()


def _open_layout(tree: lxml.html.HtmlElement) -> None:
    """Tables that only lay out become plain blocks; what stands between their rows stays there."""
    inside: list[lxml.html.HtmlElement] = []
    for part in tree.iter("tr", "td", "th", "tbody", "thead", "tfoot"):
        table = next(part.iterancestors("table"), None)
        if table is not None and table.get("role") == "presentation":
            inside.append(part)
    layouts = [one for one in tree.iter("table") if one.get("role") == "presentation"]
    for element in (*inside, *layouts):
        element.tag = "div"


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
