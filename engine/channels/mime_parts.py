"""The parts of a mail: text, HTML with its pictures, attached files (RFC 2045, 2046, 2183, 2387).

    mixed                    when files are attached
      alternative            when there is HTML
        text
        related              when the HTML has pictures of its own
          HTML, pictures
      files

Every part is base64, so no line of a letter can be too long, end a message early or break a
signature on the way; and no line of base64 can be a boundary, which all begin with "=".
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from engine.channels.base import Attachment, OutgoingMessage, Refused

# What RFC 2045 allows for a line of base64.
_BASE64_LINE: Final = 76
# RFC 2231: a longer value goes on in numbered pieces.
_NAME_PIECE: Final = 54
_CONTENT_TYPE: Final = re.compile(
    r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}"
)
_CONTENT_ID: Final = re.compile(r"[A-Za-z0-9._+-]{1,120}(@[A-Za-z0-9.-]{1,120})?")
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9 ._()+-]{1,50}")
_LONGEST_NAME: Final = 200
# RFC 2046 forbids base64 for these; as a plain file they travel unharmed.
_COMPOSITE: Final = ("multipart/", "message/")


def body_bytes(message: OutgoingMessage) -> bytes:
    """From Content-Type on. Raises Refused for an attachment that cannot be written."""
    shown = [one for one in message.attachments if _is_picture(one, message)]
    files = [one for one in message.attachments if not _is_picture(one, message)]
    body = _text(message.text, "plain")
    if message.html is not None:
        html = _text(message.html, "html")
        if shown:
            kind, pictures = f"related{_ROOT}", [_file(one, inline=True) for one in shown]
            html = _multipart(kind, f"=r{message.provider_key}", [html, *pictures])
        body = _multipart("alternative", f"=_{message.provider_key}", [body, html])
    if files:
        parts = [body, *(_file(one, inline=False) for one in files)]
        body = _multipart("mixed", f"=m{message.provider_key}", parts)
    return body


# RFC 2387 asks for the type of the part that the others belong to.
_ROOT: Final = '; type="text/html"'


def _is_picture(one: Attachment, message: OutgoingMessage) -> bool:
    return one.content_id is not None and message.html is not None


def _multipart(kind: str, boundary: str, parts: Iterable[bytes]) -> bytes:
    between = f"--{boundary}\r\n".encode()
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    body = b"".join(between + part for part in parts)
    return head + body + f"--{boundary}--\r\n".encode()


def _text(content: str, kind: str) -> bytes:
    normal = content.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    head = f'Content-Type: text/{kind}; charset="utf-8"\r\n'
    return _encoded(head, normal.encode("utf-8", "replace"))


def _file(one: Attachment, *, inline: bool) -> bytes:
    kind, name = checked_type(one), safe_name(one.name)
    disposition = "inline" if inline else "attachment"
    head = f"Content-Type: {kind}\r\nContent-Disposition: {disposition}{_filename(name)}\r\n"
    if inline:
        head += f"Content-ID: <{checked_id(one)}>\r\n"
    return _encoded(head, one.content)


def _encoded(head: str, content: bytes) -> bytes:
    encoded = b64encode(content)
    lines = b"\r\n".join(
        encoded[start : start + _BASE64_LINE] for start in range(0, len(encoded), _BASE64_LINE)
    )
    return f"{head}Content-Transfer-Encoding: base64\r\n\r\n".encode() + lines + b"\r\n"


def checked_type(one: Attachment) -> str:
    """The type as it may be written; raises Refused for what is none."""
    kind = one.content_type.strip().lower()
    if not _CONTENT_TYPE.fullmatch(kind):
        raise Refused("bad_attachment", "An attachment has no content type such as image/png.")
    return "application/octet-stream" if kind.startswith(_COMPOSITE) else kind


def checked_id(one: Attachment) -> str:
    """Raises Refused for a content id that cannot stand in a header."""
    if one.content_id is None or not _CONTENT_ID.fullmatch(one.content_id):
        raise Refused("bad_attachment", "A picture's content id holds what none may hold.")
    return one.content_id


def safe_name(name: str) -> str:
    """A file name without folders and controls; "file" when nothing is left."""
    shown = "".join(c for c in re.split(r"[/\\]", name)[-1] if c.isprintable())
    return shown.strip(" .")[-_LONGEST_NAME:] or "file"


def _filename(name: str) -> str:
    """The parameter, in the plain form where it may, else as RFC 2231 has it, one piece a line."""
    if _PLAIN_NAME.fullmatch(name):
        return f'; filename="{name}"'
    pieces = [""]
    for character in "utf-8''", *(quote(c, safe="") for c in name):
        if len(pieces[-1]) + len(character) > _NAME_PIECE:
            pieces.append("")
        pieces[-1] += character
    if len(pieces) == 1:
        return f";\r\n filename*={pieces[0]}"
    return "".join(f";\r\n filename*{n}*={piece}" for n, piece in enumerate(pieces))
