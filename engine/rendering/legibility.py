"""Whether the words of a letter stand out from what is behind them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import lxml.html  # type: ignore[import-untyped]
from lxml import etree

from engine.rendering.colours import BLACK, WHITE, Colour, colour_of, contrast
from engine.rendering.remarks import Remark

# WCAG 2.2, 1.4.3 (AA): 4.5 for text, 3 for large text: 18 pt, or 14 pt when bold.
LEAST, LEAST_LARGE = 4.5, 3.0
LARGE_PIXELS, LARGE_BOLD_PIXELS = 24.0, 18.66

_JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}", re.DOTALL)
_SIZE = re.compile(r"([\d.]+)(px|pt|em|rem|%)")
_POINT_PIXELS = 4 / 3
_UNSEEN = frozenset({"head", "style", "script", "title"})
_BOLD_TAGS = frozenset({"b", "strong", "h1", "h2", "h3", "h4", "h5", "h6", "th"})


@dataclass(frozen=True, slots=True)
class _Look:
    """How text looks at some place. A colour is None where nobody can say, e.g. on a picture."""

    colour: Colour | None = BLACK
    behind: Colour | None = WHITE
    pixels: float = 16.0
    bold: bool = False
    hidden: bool = False


def check_contrast(html: str) -> tuple[Remark, ...]:
    """Texts that are hard to read, each pair of colours once. Only styles in tags are seen, so this
    looks at letters whose styles are inlined; conditions count as if all of them held."""
    try:
        tree = lxml.html.document_fromstring(_JINJA.sub("", html) or "<p></p>")
    except etree.ParserError:
        return ()
    found: dict[tuple[Colour, Colour], Remark] = {}
    for words, look in _texts(tree, _Look()):
        if look.hidden or look.colour is None or look.behind is None:
            continue
        large = look.pixels >= (LARGE_BOLD_PIXELS if look.bold else LARGE_PIXELS)
        least, ratio = LEAST_LARGE if large else LEAST, contrast(look.colour, look.behind)
        if ratio < least and (look.colour, look.behind) not in found:
            said = f'"{words[:40]}" is hard to read: {_shown(look.colour)} on {_shown(look.behind)}'
            said += f" has a contrast of {ratio:.1f}; {least:g} is the least."
            found[look.colour, look.behind] = Remark(1, "low_contrast", said)
    return tuple(found.values())


def _texts(element: lxml.html.HtmlElement, around: _Look) -> Iterator[tuple[str, _Look]]:
    """Every run of words with its look, without recursion: letters nest tables deeply."""
    pending = [(element, around)]
    while pending:
        element, around = pending.pop()
        if not isinstance(element.tag, str) or element.tag in _UNSEEN:
            continue
        look = _look(element, around)
        if words := " ".join((element.text or "").split()):
            yield words, look
        for child in element:
            if words := " ".join((child.tail or "").split()):
                yield words, look
        pending.extend((child, look) for child in reversed(element))


def _look(element: lxml.html.HtmlElement, around: _Look) -> _Look:
    style = _declarations(element.get("style") or "")
    look = around
    if element.tag == "a":
        look = replace(look, colour=(0, 0, 238))
    behind = style.get("background-color") or style.get("background") or element.get("bgcolor")
    if behind or element.get("background"):
        look = replace(look, behind=_background(behind or "?", around.behind))
    if "background-image" in style:
        look = replace(look, behind=None)
    if colour := style.get("color") or element.get("color"):
        inherits = colour.strip().lower() == "inherit"
        look = replace(look, colour=around.colour if inherits else colour_of(colour))
    weight = style.get("font-weight", "bold" if element.tag in _BOLD_TAGS else "")
    if weight:
        look = replace(look, bold=weight in ("bold", "bolder") or weight >= "700")
    if found := _SIZE.fullmatch(style.get("font-size", "").strip()):
        look = replace(look, pixels=_pixels(float(found[1]), found[2], around.pixels))
    hidden = style.get("display") == "none" or style.get("visibility") == "hidden"
    # preheaders hide like this
    hidden = hidden or style.get("opacity") == "0" or style.get("max-height") in ("0", "0px")
    return replace(look, hidden=look.hidden or hidden or look.pixels < 2)


def _background(text: str, around: Colour | None) -> Colour | None:
    if "url(" in text or "gradient(" in text:
        return None
    if text.strip().lower() in ("none", "transparent", "inherit", "initial"):
        return around
    return colour_of(text) or next((c for word in text.split() if (c := colour_of(word))), None)


def _pixels(number: float, unit: str, around: float) -> float:
    factors = {"px": 1.0, "pt": _POINT_PIXELS, "em": around, "rem": 16.0, "%": around / 100}
    return number * factors[unit]


def _declarations(style: str) -> dict[str, str]:
    pairs = (one.split(":", 1) for one in style.split(";") if ":" in one)
    return {
        name.strip().lower(): value.replace("!important", "").strip().lower()
        for name, value in pairs
    }


def _shown(colour: Colour) -> str:
    return f"#{colour[0]:02x}{colour[1]:02x}{colour[2]:02x}"
