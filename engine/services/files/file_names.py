"""The name of a file as the reader of a letter sees it: text that no program can trip over."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from engine.errors import Problem
from engine.services.files.kinds import KINDS

LONGEST_CHARACTERS: Final = 100
# Most file systems take 255 bytes; some mail programs add to a name.
LONGEST_BYTES: Final = 200
_BLANKS: Final = re.compile(r"\s+")
_FORBIDDEN: Final = re.compile(r'[<>:"|?*;%\x7f]')
# Control, format (among them what turns the direction of writing), surrogate, private, unassigned.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Windows keeps these for itself, with any extension.
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.I)


def safe_name(written: str, fallback: str) -> str:
    """The last part of a path without anything unseen; `fallback` when nothing is left of it."""
    last = re.split(r"[/\\]", written)[-1]
    blank = _BLANKS.sub(" ", unicodedata.normalize("NFC", last))
    seen = "".join(one for one in blank if unicodedata.category(one) not in _UNSEEN)
    name = _FORBIDDEN.sub("_", seen).strip(" .")
    if not name or _RESERVED.fullmatch(name):
        return fallback
    return _cut(name)


def named_for(written: str, fallback: str, content_type: str) -> tuple[str, list[Problem]]:
    """The name with an extension that fits the type: added where there is none, refused where it
    says another type."""
    name, kind = safe_name(written, fallback), KINDS[content_type]
    stem, dot, extension = name.rpartition(".")
    if dot and stem and extension.lower() in kind.extensions:
        return name, []
    if dot and stem and re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,7}", extension):
        message = f'ends in ".{extension}", and a {kind.word} ends in ".{kind.extensions[0]}"'
        return name, [Problem("/file_name", "other_extension", message)]
    return _cut(f"{name}.{kind.extensions[0]}"), []


def _cut(name: str) -> str:
    """As long as a name may be, its extension kept."""
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 8:
        stem, dot, extension = name, "", ""
    while len(stem) + len(dot + extension) > LONGEST_CHARACTERS or (
        len((stem + dot + extension).encode()) > LONGEST_BYTES
    ):
        stem = stem[:-1]
    return f"{stem.rstrip()}{dot}{extension}"
