"""Pictures that stand in a letter by content id: `<img src="cid:logo">`, `background="cid:bg"`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

# Possessive, so that no text can make the search go back and forth.
_TAG: Final = re.compile(r"""<[a-z][a-z0-9:-]*+(?:[^<>"']++|"[^"]*+"|'[^']*+')*+>""", re.IGNORECASE)
# Of every tag: pictures stand in img, mj-image, input, in backgrounds, and in what is for Outlook.
_SOURCE: Final = re.compile(
    r"""[\s"'/](?:src|background|background-url)\s*+=\s*+
        (?:"\s*+(?P<double>cid:[^"<>]++)|'\s*+(?P<single>cid:[^'<>]++)|(?P<bare>cid:[^\s"'<>/]++))""",
    re.IGNORECASE | re.VERBOSE,
)
_IN_STYLE: Final = re.compile(
    r"""\burl\(\s*+(?:"|'|&quot;|&\#39;|&\#34;|&apos;)?+(?P<url>cid:[^"'<>)&\s]++)""",
    re.IGNORECASE | re.VERBOSE,
)
# Of a source; a condition in a tag may hold what would end the tag.
_JINJA: Final = re.compile(r"\{\{[^{}]*+\}\}|\{%[^{}%]*+%\}")


def pictures_in(html: str) -> frozenset[str]:
    """The files a letter, or the source of one, shows by content id. What is no name of a file is
    there too: no file has it, and that is said like of any other."""
    return frozenset(html[start:end].partition(":")[2].strip() for start, end in _places(html))


def with_pictures_at(html: str, address_of: Callable[[str], str | None]) -> str:
    """The letter with its content ids replaced by addresses, for programs that are no mail program.
    Where `address_of` knows none, it stays as it is. Addresses must hold no quotes."""
    pieces: list[str] = []
    at = 0
    for start, end in _places(html):
        address = address_of(html[start:end].partition(":")[2].strip())
        if address is not None:
            pieces += (html[at:start], address)
            at = end
    return "".join((*pieces, html[at:]))


def _places(html: str) -> Iterator[tuple[int, int]]:
    """Where `cid:name` stands, from start to end, in order."""
    if "cid:" not in html.lower():
        return
    plain = _JINJA.sub(lambda found: " " * len(found[0]), html)
    for tag in _TAG.finditer(plain):
        if "cid:" not in tag[0].lower():
            continue
        found = (*_SOURCE.finditer(tag[0]), *_IN_STYLE.finditer(tag[0]))
        for start, end in sorted(one.span(one.lastgroup or 0) for one in found):
            yield tag.start() + start, tag.start() + end
