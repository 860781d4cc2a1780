"""Reading markup with Jinja in it, piece by piece, with the line of each: for HTML and MJML alike.

This is no validating parser. It tells apart what must be told apart to put Jinja aside safely:
text, tags with their attributes, comments, and the insides of elements that hold raw text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "open", "close", "comment", "raw"]

_TAG = re.compile(
    r"<(?P<close>/)?(?P<name>[A-Za-z][A-Za-z0-9:-]*)"
    r"""(?P<rest>(?:[^<>"']|"[^"]*"|'[^']*')*)>"""
)
_ATTRIBUTE = re.compile(
    r"""(?P<name>[^\s"'<>/=]+)(?:\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|"""
    r"(?P<bare>[^\s\"'=<>`]+)))?"
)
# As browsers end one: `<!-->` is a whole comment.
_COMMENT = re.compile(r"<!--(?:-?>|.*?--!?>)", re.DOTALL)
HTML_RAW = frozenset({"style", "title", "script", "textarea"})
# Their inside ends with the first closing tag, whatever stands in it.
_NEVER_NESTED = HTML_RAW | {"mj-style", "mj-title"}


@dataclass(frozen=True, slots=True)
class Attribute:
    """`start` and `end` are the value's place in the tag's text; None where there is no value."""

    name: str
    value: str | None
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Token:
    """`name` is a tag's, in small letters. `raw` is the inside of an element that holds raw text,
    with the element's name. `at` is where the token begins in the source."""

    kind: Kind
    text: str
    at: int
    name: str = ""
    attributes: tuple[Attribute, ...] = ()
    empty: bool = False


def tokens(source: str, raw: Collection[str] = HTML_RAW) -> Iterator[Token]:
    """The source, token by token; their texts together are the source again."""
    at = 0
    while at < len(source):
        token = _next(source, at)
        yield token
        at += len(token.text)
        if token.kind == "open" and not token.empty and token.name in raw:
            end = _end_of(source, token.name, at)
            if end > at:
                yield Token("raw", source[at:end], at, token.name)
            at = end


def _next(source: str, at: int) -> Token:
    if source.startswith("<!--", at):
        comment = _COMMENT.match(source, at)
        end = len(source) if comment is None else comment.end()
        return Token("comment", source[at:end], at)
    found = _TAG.match(source, at)
    if found is None:
        begins = source.find("<", at + 1)
        return Token("text", source[at : len(source) if begins < 0 else begins], at)
    name, rest = found["name"].lower(), found["rest"]
    if found["close"]:
        return Token("close", found[0], at, name)
    offset = found.start("rest") - at
    return Token("open", found[0], at, name, _attributes(rest, offset), rest.rstrip().endswith("/"))


def _attributes(rest: str, offset: int) -> tuple[Attribute, ...]:
    found = []
    for one in _ATTRIBUTE.finditer(rest):
        group = next((g for g in ("double", "single", "bare") if one[g] is not None), None)
        if group is None:
            found.append(Attribute(one["name"].lower(), None))
        else:
            start, end = one.span(group)
            found.append(Attribute(one["name"].lower(), one[group], start + offset, end + offset))
    return tuple(found)


def _end_of(source: str, name: str, at: int) -> int:
    """Where the closing tag of this element begins, nested ones of the same name left aside."""
    depth = 1
    for found in re.compile(rf"<(/?){re.escape(name)}\b[^>]*>", re.IGNORECASE).finditer(source, at):
        if found[1]:
            depth -= 1
        elif name not in _NEVER_NESTED and not found[0].endswith("/>"):
            depth += 1
        if depth == 0:
            return found.start()
    return len(source)
