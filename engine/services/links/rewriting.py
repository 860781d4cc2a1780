"""Finding the links of a written letter, and putting other addresses into their places.

It works on the finished HTML and is careful rather than clever: only the values of `href` in
links are touched, only whole `http` and `https` addresses, and never one of our own. A link with
the attribute `data-no-track` stays as it is, in the text part too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape, unescape
from typing import Final, NamedTuple

LONGEST_URL: Final = 2_000
# A letter with more is a list of links; those beyond stay as they are.
MOST_LINKS: Final = 200

# Links of HTML, and of the shapes that Outlook draws buttons with. Possessive, so that no text can
# make the search go back and forth.
_TAG: Final = re.compile(
    r"""<(?:a|area|v:[a-z]{1,20})\s(?:[^<>"']++|"[^"]*+"|'[^']*+')*+>""", re.IGNORECASE
)
_NAME: Final = re.compile(r"[a-z:]+", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(
    r"""([^\s=>"'/]++)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s>"']++))?""", re.IGNORECASE
)
# No control character, no space: what a redirect can say and nothing else can be made of.
_GOOD: Final = re.compile(r"https?://[^\s/?#@\\<>\"]+[^\s<>\"\\\x00-\x20\x7f]*", re.IGNORECASE)
_IN_TEXT: Final = re.compile(r"https?://[^\s<>\"'\x00-\x20\x7f]+")
_SENTENCE_END: Final = ".,;:!?)]}，。；：！？、）】」』"
_OPT_OUT: Final = "data-no-track"
_BODY_END: Final = re.compile(r"</body\s*>", re.IGNORECASE)


class Place(NamedTuple):
    """Where an address stands: from `start` to `end` of the source."""

    start: int
    end: int
    url: str


@dataclass(frozen=True, slots=True)
class FoundLinks:
    """Places in the HTML and in the text part, in order."""

    html: list[Place] = field(default_factory=list)
    text: list[Place] = field(default_factory=list)

    def urls(self) -> set[str]:
        return {place.url for place in self.html} | {place.url for place in self.text}


def find_links(html: str, text: str, own: str) -> FoundLinks:
    """The links that may be measured. `own` is what our own addresses begin with."""
    found, untouched = FoundLinks(), set[str]()
    for tag in _TAG.finditer(html):
        link = _link_in(tag[0])
        if link is None or link.url.startswith(own):
            continue
        if link.opted_out:
            untouched.add(link.url)
        elif len(found.html) < MOST_LINKS:
            at = tag.start() + link.start
            found.html.append(Place(at, at + link.length, link.url))
    for match in _IN_TEXT.finditer(text):
        url = _trimmed(match[0])
        if url and url not in untouched and not url.startswith(own):
            found.text.append(Place(match.start(), match.start() + len(url), url))
    del found.text[MOST_LINKS:]
    return found


def in_html(source: str, places: list[Place], addresses: Mapping[str, str]) -> str:
    """The HTML with the addresses that are given; others stay."""
    return _put(source, places, {url: escape(new) for url, new in addresses.items()})


def in_text(source: str, places: list[Place], addresses: Mapping[str, str]) -> str:
    return _put(source, places, addresses)


def with_pixel(html: str, address: str) -> str:
    """The letter with a picture of one point at its end, which a mail program fetches when the
    letter is looked at."""
    pixel = (
        f'<img src="{escape(address)}" width="1" height="1" alt="" '
        'style="display:block;width:1px;height:1px;border:0;">'
    )
    ends = list(_BODY_END.finditer(html))
    at = ends[-1].start() if ends else len(html)
    return f"{html[:at]}{pixel}{html[at:]}"


class _Link(NamedTuple):
    """The `href` of one tag, from `start` of the tag on."""

    start: int
    length: int
    url: str
    opted_out: bool


# The tags of a template are the same in every letter, but for those that hold somebody's values.
@lru_cache(maxsize=4_096)
def _link_in(tag: str) -> _Link | None:
    """The first `href` of a tag; None when it cannot be measured."""
    found: tuple[int, int, str] | None = None
    opted_out, seen = False, False
    for attribute in _ATTRIBUTE.finditer(tag, _NAME.match(tag, 1).end(), len(tag) - 1):  # type: ignore[union-attr]
        name, value = attribute[1].lower(), attribute[2]
        if name == _OPT_OUT:
            opted_out = True
        elif name == "href" and value is not None and not seen:
            seen = True
            inner = value[1:-1] if value[0] in "\"'" else ""
            url = unescape(inner).strip()
            if len(url) <= LONGEST_URL and _GOOD.fullmatch(url):
                found = (attribute.start(2) + 1, len(inner), url)
    return None if found is None else _Link(*found, opted_out)


@lru_cache(maxsize=4_096)
def _trimmed(url: str) -> str:
    """Without what ends the sentence around it (a bracket that the address opened is its own);
    empty when it cannot be measured."""
    while url and url[-1] in _SENTENCE_END:
        if url[-1] == ")" and url.count("(") >= url.count(")"):
            break
        url = url[:-1]
    return url if len(url) <= LONGEST_URL and _GOOD.fullmatch(url) else ""


def _put(source: str, places: list[Place], addresses: Mapping[str, str]) -> str:
    pieces: list[str] = []
    at = 0
    for place in places:
        new = addresses.get(place.url)
        if new is not None:
            pieces += (source[at : place.start], new)
            at = place.end
    pieces.append(source[at:])
    return "".join(pieces)
