"""A message as the bytes that travel (RFC 5322, 2045, 2047), written directly.

The standard library's writer costs 3.2 ms for a letter of 6 KB, longer than the hand-over itself,
and writes a long List-Unsubscribe address as encoded words, which providers then do not recognise.
What follows the headers is in `engine.channels.mime_parts`.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime
from email.utils import format_datetime

from engine.channels.address import is_address, on_the_wire
from engine.channels.base import OutgoingMessage, Refused
from engine.channels.mime_parts import body_bytes

# RFC 2047 allows 75 characters for one encoded word; 45 bytes are 60 of base64.
_BYTES_IN_A_WORD = 45
_PLAIN_WORDS = re.compile(r"[A-Za-z0-9 !#$%&'*+\-/^_`{|}~.,:;?()@]{0,70}")
_ATOMS = re.compile(r"[A-Za-z0-9 !#$%&'*+\-/^_`{|}~]{1,70}")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]{0,900}")
_OWN_HEADERS = frozenset(
    {"from", "to", "cc", "bcc", "sender", "reply-to", "subject", "date", "message-id"}
)


def mail_bytes(message: OutgoingMessage, message_id: str, now: datetime) -> bytes:
    """The whole mail, lines ended by CRLF; raises Refused when a part cannot stand in a mail."""
    headers = "\r\n".join(_headers(message, message_id, now))
    return f"{headers}\r\n".encode() + body_bytes(message)


def _headers(message: OutgoingMessage, message_id: str, now: datetime) -> Iterator[str]:
    sender = message.sender
    yield f"From: {_mailbox(sender.name, sender.address)}"
    yield f"To: {_mailbox(None, message.to)}"
    if sender.reply_to:
        yield f"Reply-To: {_mailbox(None, sender.reply_to)}"
    yield f"Subject: {_words(message.subject)}"
    yield f"Date: {format_datetime(now)}"
    yield f"Message-ID: <{message_id}>"
    for name, value in message.headers.items():
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _OWN_HEADERS:
            raise Refused("bad_header", f'"{name[:40]}" cannot be set as a header.')
        if not _HEADER_VALUE.fullmatch(value):
            raise Refused("bad_header", f"The value of {name} holds what no header may hold.")
        yield f"{name}: {value}"
    yield "MIME-Version: 1.0"


def _mailbox(name: str | None, address: str) -> str:
    try:
        if not is_address(address):
            raise ValueError
        address = on_the_wire(address)
    except ValueError:
        raise Refused("bad_address", "The address cannot be written in a mail.") from None
    return f"{_phrase(name)} <{address}>" if name else f"<{address}>"


def _phrase(name: str) -> str:
    """A display name: as it is when plain words, else encoded, so that nothing needs quoting."""
    shown = _CONTROLS.sub(" ", name).strip()
    return shown if _ATOMS.fullmatch(shown) else _encoded(shown)


def _words(text: str) -> str:
    """Unstructured text. Line breaks and other controls become spaces, so no header can follow."""
    shown = _CONTROLS.sub(" ", text).strip()
    plain = _PLAIN_WORDS.fullmatch(shown) and "=?" not in shown
    return shown if plain else _encoded(shown)


def _encoded(text: str) -> str:
    """RFC 2047 words of base64, split between characters, one a line."""
    words: list[str] = []
    piece = b""
    for character in text:
        encoded = character.encode("utf-8", "replace")
        if len(piece) + len(encoded) > _BYTES_IN_A_WORD:
            words.append(_word(piece))
            piece = b""
        piece += encoded
    words.append(_word(piece))
    return "\r\n ".join(words)


def _word(piece: bytes) -> str:
    return f"=?utf-8?b?{b64encode(piece).decode()}?="
