"""Mail from anybody, read within limits: its headers and the few parts that reports are made of."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from typing import Final

# Reports stand before the mail they return, so what comes later need not be read.
MOST_BYTES: Final = 524_288
MOST_PARTS: Final = 60
# Of headers; servers refuse mail with more than half of it.
MOST_HEADER_BYTES: Final = 131_072
LONGEST_VALUE: Final = 4_000
_LONGEST_TEXT: Final = 30_000
_CONTAINERS: Final = re.compile(rb"multipart/|message/", re.IGNORECASE)
_EMPTY_LINE: Final = re.compile(rb"\r?\n\r?\n")
_FIELD: Final = re.compile(r"([!-9;-~]{1,76}):[ \t]*(.*)")

# What the standard library raises for headers that contradict their standards.
UNDECODABLE: Final = (
    *(ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError),
    MessageError,
)

Fields = Mapping[str, str]
Mail = Message


class Unreadable(ValueError):
    """No mail, or one that is made to keep a reader busy."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part without parts; `text` is cut."""

    kind: str
    text: str


def parse(raw: bytes) -> Mail:
    """Raises Unreadable."""
    cut = raw[:MOST_BYTES]
    if len(_CONTAINERS.findall(cut)) > MOST_PARTS:
        raise Unreadable("the mail has too many parts within parts")
    end = _EMPTY_LINE.search(cut)
    if (end.start() if end else len(cut)) > MOST_HEADER_BYTES:
        raise Unreadable("the mail has too many headers")
    try:
        mail = message_from_bytes(cut)
    except UNDECODABLE as error:
        raise Unreadable("the mail cannot be parsed") from error
    if not mail.keys():
        raise Unreadable("this is no mail: it has no headers")
    return mail


def value(mail: Mail, name: str) -> str:
    """The first header of that name, cut and unfolded; empty when there is none."""
    return next(values(mail, name), "")


def values(mail: Mail, *names: str) -> Iterator[str]:
    for name in names:
        for found in mail.get_all(name, ()):
            yield " ".join(str(found)[:LONGEST_VALUE].split())


def kind_of(mail: Mail) -> str:
    return mail.get_content_type()


def leaves(mail: Mail) -> Iterator[Part]:
    """Its parts in order, at most so many; the mail within `message/rfc822` as the text of its
    headers, reports as they were written."""
    left = [mail]
    seen = 0
    while left and seen < MOST_PARTS:
        one = left.pop(0)
        seen += 1
        kind, within = kind_of(one), _within(one)
        if kind.startswith("message/") and one.is_multipart():
            yield Part(kind, _undone(one, _joined(kind, within)))
        elif one.is_multipart():
            left = within + left
        else:
            yield Part(kind, _text(one))


def fields(text: str) -> list[Fields]:
    """Groups of header fields, separated by empty lines; names in small letters. Of a field that
    comes twice the first counts."""
    groups: list[dict[str, str]] = [{}]
    name = ""
    for line in text.splitlines():
        match = _FIELD.match(line)
        if not line.strip():
            groups.append({})
            name = ""
        elif line[0] in " \t" and name:
            groups[-1][name] = f"{groups[-1][name]} {line.strip()}"[:LONGEST_VALUE]
        elif match:
            name = match[1].lower()
            if name in groups[-1]:
                name = ""
            else:
                groups[-1][name] = match[2].strip()[:LONGEST_VALUE]
    return [group for group in groups if group]


def _within(part: Mail) -> list[Mail]:
    """The parts of one that has some."""
    payload = part.get_payload() if part.is_multipart() else ()
    return [one for one in payload if isinstance(one, Message)]


def _joined(kind: str, within: Sequence[Mail]) -> str:
    """What stands in a part of the type message/...: the parser has taken it apart already."""
    texts = []
    for one in within:
        texts.append("\n".join(f"{name}: {value}" for name, value in one.items()))
        if kind != "message/rfc822" and not one.is_multipart():
            texts.append(_decoded(one))
    joined = "\n\n".join(texts)
    return joined[:_LONGEST_TEXT]


def _undone(part: Mail, text: str) -> str:
    """Of a report in base64, which no report should be: the parser took it for one long body."""
    if value(part, "Content-Transfer-Encoding").lower() != "base64":
        return text
    try:
        return b64decode(text).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return text


def _text(part: Mail) -> str:
    return _decoded(part)[:_LONGEST_TEXT]


def _decoded(part: Mail) -> str:
    """Never asks the library for the text: it would decode by a charset that may be anything."""
    try:
        raw = part.get_payload(decode=True)
    except UNDECODABLE:
        return ""
    if not isinstance(raw, bytes):
        return ""
    try:
        return raw.decode(str(part.get_content_charset("utf-8")), "replace")
    except UNDECODABLE:
        return raw.decode("latin-1")
