"""One template as texts by file name, wherever it is kept: the same in a folder and the database.

<name>/meta.yaml                 label, purpose, default language, frame and more (see Meta)
<name>/subject.txt               one line; subject.zh.txt is its Chinese variant
<name>/preheader.txt             optional: what mail programs show beside the subject
<name>/body.html or body.mjml    the letter; body.txt optionally its plain text
<name>/short.txt                 optional: the words for SMS and chat
<name>/sample.yaml               optional: facts for previews, over those of _sample.yaml
_frames/<frame>.html or .mjml    what stands around letters, with <!-- content --> in it
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

META: Final = "meta.yaml"
SAMPLE: Final = "sample.yaml"
CONTENT: Final = "<!-- content -->"
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,60}")
_LANGUAGE = r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}"
_PART = re.compile(rf"(subject|preheader|body|short)(?:\.({_LANGUAGE}))?\.(txt|html|mjml)")
_FRAME = re.compile(rf"([a-z][a-z0-9_]{{0,60}})(?:\.({_LANGUAGE}))?\.(html|mjml)")


@dataclass(frozen=True, slots=True)
class Bundle:
    """`files` by name within the template, `frames` by name within `_frames`. `prefix` is put
    before file names where a problem is reported."""

    name: str
    files: Mapping[str, str]
    frames: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""

    def hash(self) -> str:
        """Of every text in it; twelve digits, which tell apart any versions that people make."""
        digest = hashlib.sha256()
        for group in (self.files, self.frames):
            for name in sorted(group):
                for part in (name, group[name]):
                    encoded = part.encode()
                    digest.update(len(encoded).to_bytes(8, "big") + encoded)
            digest.update(b"\x00frames")
        return digest.hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class PartName:
    """What a file name says: "subject", "preheader", "short", "text" or "letter"; its language in
    small letters, None for the template's own; and whether a letter is "html" or "mjml"."""

    part: str
    language: str | None
    form: str


def part_of(file: str) -> PartName | None:
    """None for a name that is not part of a template."""
    found = _PART.fullmatch(file)
    if found is None or (found[1] != "body" and found[3] != "txt"):
        return None
    part = found[1] if found[1] != "body" else "text" if found[3] == "txt" else "letter"
    return PartName(part, found[2].lower() if found[2] else None, found[3])


def frame_of(file: str) -> tuple[str, str | None, str] | None:
    """(name, language, form) of a frame's file; None for a name that is no frame."""
    found = _FRAME.fullmatch(file)
    return None if found is None else (found[1], found[2].lower() if found[2] else None, found[3])


def frame_for(frame: str, language: str, form: str, files: Mapping[str, str]) -> str | None:
    """The file of the frame that stands around a letter of this language and form."""
    known = {found: file for file in files if (found := frame_of(file)) is not None}
    wanted = ((frame, one, form) for one in (*fallbacks(language), None))
    return next((known[one] for one in wanted if one in known), None)


def frames_named(frame: str | None, files: Mapping[str, str]) -> dict[str, str]:
    """Every file of one frame."""
    return {file: text for file, text in files.items() if _is_frame(file, frame)}


def _is_frame(file: str, frame: str | None) -> bool:
    found = frame_of(file)
    return found is not None and found[0] == frame


@lru_cache(maxsize=1_024)
def fallbacks(language: str) -> tuple[str, ...]:
    """The tag and what it is a kind of: "zh-Hant-TW", "zh-Hant", "zh", in lower case."""
    parts = language.replace("_", "-").lower().split("-")
    return tuple("-".join(parts[:length]) for length in range(len(parts), 0, -1))


def chain(language: str, further: Mapping[str, str]) -> Iterator[str]:
    """The languages to look for, nearest first; `further` says what stands in for which."""
    for one in fallbacks(language):
        yield one
    for one in fallbacks(language):
        if one in further:
            yield from fallbacks(further[one])
