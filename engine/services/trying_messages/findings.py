"""What is worth knowing about a letter that was written for somebody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from engine.services.templates import RenderedMessage

# Gmail shows the first 102 KB of a letter and hides the rest behind a link.
CLIPPED_BYTES: Final = 102 * 1024
# Mail programs on a phone show some 40 characters of a subject, on a desktop some 70.
LONG_SUBJECT: Final = 70

_LINK: Final = re.compile(
    r"""<a\s(?:[^<>"']++|"[^"]*+"|'[^']*+')*?href\s*=\s*(?:"([^"]*+)"|'([^']*+)')""", re.IGNORECASE
)
_REMOTE: Final = re.compile(
    r"""<img\s(?:[^<>"']++|"[^"]*+"|'[^']*+')*?src\s*=\s*["']https?:""", re.IGNORECASE
)
# Somebody's value holds what looks like a template; it is shown as it is.
_UNWRITTEN: Final = re.compile(r"\{\{|\{%")
# "Hello , how are you": a value before the comma that is empty.
_GAP: Final = re.compile(r"\w [,，]")

Level = Literal["problem", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` is stable. `count` is how often, where that says something."""

    level: Level
    code: str
    message: str
    count: int = 1


def size_of(letter: RenderedMessage) -> int:
    return len(letter.html.encode())


def links_in(html: str) -> list[str]:
    """The addresses that the letter leads to, each once, in order."""
    return list(dict.fromkeys(match[1] or match[2] or "" for match in _LINK.finditer(html)))


def findings_of(letter: RenderedMessage) -> list[Finding]:
    return list(_findings(letter))


def _findings(letter: RenderedMessage) -> Iterator[Finding]:
    size = size_of(letter)
    if size > CLIPPED_BYTES:
        words = f"The letter has {size:,} bytes; Gmail hides what is beyond {CLIPPED_BYTES:,}."
        yield Finding("warning", "clipped", words)
    if len(letter.subject) > LONG_SUBJECT:
        words = f"The subject has {len(letter.subject)} characters; programs show up to 70."
        yield Finding("warning", "long_subject", words)
    if not letter.text.strip():
        yield Finding("problem", "no_text", "The plain text is empty.")
    parts = (letter.subject, letter.preheader, letter.text)
    if any(_UNWRITTEN.search(part) for part in parts):
        words = "It shows {{ or {%: a value of the contact has them, and they stay text."
        yield Finding("warning", "looks_unwritten", words)
    if any(_GAP.search(part) for part in parts):
        words = "It has a blank before a comma: a value there may be empty."
        yield Finding("warning", "gap", words)
    remote = len(_REMOTE.findall(letter.html))
    if remote:
        words = (
            f"Pictures fetched from elsewhere: {remote}. Many programs show them only when asked."
        )
        yield Finding("note", "remote_pictures", words, remote)
