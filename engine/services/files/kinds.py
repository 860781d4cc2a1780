"""The kinds of files that may travel with a letter, each told by what it declares and by its bytes.

Nothing that a browser or a computer runs: no HTML, no SVG, no scripts, no programs, no archives, no
documents with macros. What a document says to its own reader is not looked into.
"""

from __future__ import annotations

import html
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from engine.errors import Problem

DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What an office document's directory may be at most; real ones have some dozens of entries.
_MOST_ENTRIES: Final = 5_000
_LONGEST_TYPES_BYTES: Final = 1_048_576
_MARKUP: Final = re.compile(r"\s*(<!doctype|<\?xml|<html|<svg|<script|<head|<body|#!)", re.I)
_NOT_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_BOM: Final = "\ufeff"
_OTHER_ENCODING: Final = re.compile(r"\s*<\?xml[^>]*encoding\s*=\s*[\"'](?!utf-8[\"'])", re.I)
# What a damaged package makes the standard library raise.
_DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    OSError,
    RuntimeError,
    NotImplementedError,
    ValueError,
    EOFError,
)


@dataclass(frozen=True, slots=True)
class FileKind:
    """`looks` says whether bytes are of this kind. The first extension is the usual one."""

    content_type: str
    word: str
    extensions: tuple[str, ...]
    looks: Callable[[bytes], bool]
    inline: bool = False


def _begins(*marks: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(marks)


def _png(content: bytes) -> bool:
    """With the head that comes first in every PNG: a page behind the mark alone is none."""
    return content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR"


def _webp(content: bytes) -> bool:
    return content[:4] == b"RIFF" and content[8:12] == b"WEBP"


def _text(content: bytes) -> bool:
    """UTF-8 that is neither markup nor a script, whatever it is called."""
    try:
        text = content.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError:
        return False
    return _NOT_TEXT.search(text) is None and _MARKUP.match(text) is None


def _calendar(content: bytes) -> bool:
    if not _text(content):
        return False
    text = content.decode("utf-8").removeprefix(_BOM).strip().upper()
    return text.startswith("BEGIN:VCALENDAR") and text.endswith("END:VCALENDAR")


def _office(part: str) -> Callable[[bytes], bool]:
    return lambda content: _is_office(content, part)


def _is_office(content: bytes, part: str) -> bool:
    """A package with this part, without macros. Only its directory and its list of types are read,
    so nothing in it can unpack to much. One that is longer, or written otherwise than by office
    programs, is none: nothing shall hide from the look."""
    if not content.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            listed = package.infolist()
            entries = {entry.filename: entry for entry in listed}
            if len(listed) > _MOST_ENTRIES or len(entries) < len(listed):
                return False
            types = entries.get("[Content_Types].xml")
            if types is None or part not in entries or types.file_size > _LONGEST_TYPES_BYTES:
                return False
            with package.open(types) as file:
                said = file.read(_LONGEST_TYPES_BYTES).decode("utf-8").removeprefix(_BOM)
    except _DAMAGED:
        return False
    if "\x00" in said or _OTHER_ENCODING.match(said):
        return False
    words = [html.unescape(said).lower(), *map(str.lower, entries)]
    return not any(mark in one for one in words for mark in ("macroenabled", "vbaproject"))


KINDS: Final[Mapping[str, FileKind]] = {
    kind.content_type: kind
    for kind in (
        FileKind("application/pdf", "PDF", ("pdf",), _begins(b"%PDF-")),
        FileKind("image/png", "PNG", ("png",), _png, inline=True),
        FileKind("image/jpeg", "JPEG", ("jpg", "jpeg"), _begins(b"\xff\xd8\xff"), inline=True),
        FileKind("image/gif", "GIF", ("gif",), _begins(b"GIF87a", b"GIF89a"), inline=True),
        FileKind("image/webp", "WebP", ("webp",), _webp, inline=True),
        FileKind("text/plain", "text", ("txt",), _text),
        FileKind("text/csv", "CSV", ("csv",), _text),
        FileKind("text/calendar", "calendar", ("ics",), _calendar),
        FileKind(DOCX, "Word", ("docx",), _office("word/document.xml")),
        FileKind(XLSX, "Excel", ("xlsx",), _office("xl/workbook.xml")),
    )
}
BY_EXTENSION: Final[Mapping[str, str]] = {
    extension: kind.content_type for kind in KINDS.values() for extension in kind.extensions
}
INLINE_TYPES: Final = frozenset(kind.content_type for kind in KINDS.values() if kind.inline)
_OTHER_SPELLINGS: Final[Mapping[str, str]] = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "application/x-pdf": "application/pdf",
    "application/csv": "text/csv",
    "application/ics": "text/calendar",
}


def declared_type(written: str) -> str:
    """A type as a request declares it, without its parameters, in our spelling."""
    plain = written.partition(";")[0].strip().lower()
    return _OTHER_SPELLINGS.get(plain, plain)


def type_of_name(file_name: str) -> str | None:
    """The type that a name's extension stands for; None for one we do not take."""
    return BY_EXTENSION.get(file_name.rpartition(".")[2].lower())


def problems_of(declared: str, content: bytes) -> list[Problem]:
    """Why this may not travel; `declared` is as `declared_type` gives it."""
    kind = KINDS.get(declared)
    if kind is None:
        known = ", ".join(BY_EXTENSION)
        message = f'is declared as "{declared[:60]}", which is not taken. Give one of: {known}'
        return [Problem("/content_type", "type_not_taken", message)]
    if not content:
        return [Problem("/content", "empty", "is empty")]
    if kind.looks(content):
        return []
    found = next((one.word for one in KINDS.values() if one.looks(content)), None)
    if found is not None:
        message = f"is declared as {kind.word} and looks like {found}. Declare what it is"
        return [Problem("/content", "other_type", message)]
    return [Problem("/content", "not_of_type", f"is declared as {kind.word} and is none")]
