"""Bodies are read whole, up to a limit, and unpacked before anybody looks at them.

Both the bytes on the wire and the bytes they unpack to are bounded: a gzip of a kilobyte can unpack
to a megabyte, and never does so here, because unpacking stops at the limit.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.api.edge.streams import is_request
from engine.api.problems import answer

_GZIP = zlib.MAX_WBITS | 16
# Files one after the other in one gzip body. Programs that write in blocks make some hundreds; each
# costs the reader a piece, so that a million empty ones would keep everybody waiting.
MOST_MEMBERS = 1_000
_PIECE = 16_384


class BodyLimit:
    """`limits` maps the beginning of a path to its most bytes; the longest that fits counts.

    Every method is held to it: whoever reads a body does not ask first whether a GET may have one.

    Segment's clients expect 400 for a batch that is too large; other doors answer 413.
    """

    def __init__(self, app: ASGIApp, *, limits: Mapping[str, int], most: int) -> None:
        self.app = app
        self.limits = sorted(limits.items(), key=lambda entry: -len(entry[0]))
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_request(scope):
            await self.app(scope, receive, send)
            return
        most = self._most(scope["path"])
        try:
            body = await _whole(scope, receive, most)
        except _Refusal as refusal:
            status = 400 if refusal.code == "too_large" and scope["path"][:4] == "/v1/" else None
            await answer(status or refusal.status, refusal.code, str(refusal))(scope, receive, send)
            return
        except ClientDisconnect:
            return
        _make_plain(scope, len(body))
        await self.app(scope, _replay(body, receive), send)

    def _most(self, path: str) -> int:
        return next((most for prefix, most in self.limits if path.startswith(prefix)), self.most)


class _Refusal(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


async def _whole(scope: Scope, receive: Receive, most: int) -> bytes:
    headers = Headers(scope=scope)
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise _Refusal(415, "unknown_encoding", "Send the body plain or with gzip.")
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most:
        raise _too_large(most)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > most:
            raise _too_large(most)
        chunks.append(chunk)
        if not message.get("more_body", False):
            break
    body = b"".join(chunks)
    return body if encoding == "identity" else _unpacked(body, most)


def _unpacked(body: bytes, most: int) -> bytes:
    """A gzip file may be several one after the other."""
    unpacked, at, members = bytearray(), 0, 0
    while at < len(body):
        members += 1
        if members > MOST_MEMBERS:
            message = f"The gzip body is more than {MOST_MEMBERS} files. Pack it as one."
            raise _Refusal(400, "bad_gzip", message)
        at = _unpack_one(body, at, unpacked, most)
    return bytes(unpacked)


def _unpack_one(body: bytes, at: int, unpacked: bytearray, most: int) -> int:
    """Where the next file begins. Piece by piece: what is left over is copied at each end."""
    unpacker = zlib.decompressobj(_GZIP)
    while not unpacker.eof:
        piece = unpacker.unconsumed_tail or body[at : at + _PIECE]
        if not piece:
            raise _Refusal(400, "bad_gzip", "The gzip body ends in the middle.")
        if not unpacker.unconsumed_tail:
            at += len(piece)
        try:
            unpacked += unpacker.decompress(piece, most + 1 - len(unpacked))
        except zlib.error as error:
            raise _Refusal(400, "bad_gzip", "The body is not gzip, though it says so.") from error
        if len(unpacked) > most:
            raise _too_large(most)
    return at - len(unpacker.unused_data)


def _too_large(most: int) -> _Refusal:
    return _Refusal(413, "too_large", f"The body has more than {most} bytes. Send smaller ones.")


def _make_plain(scope: Scope, size: int) -> None:
    """The request as if it had come unpacked and in one piece.

    In place: whoever stands further out reads the route from this scope afterwards.
    """
    headers = MutableHeaders(raw=list(scope["headers"]))
    for name in ("content-encoding", "transfer-encoding"):
        if name in headers:
            del headers[name]
    headers["content-length"] = str(size)
    scope["headers"] = headers.raw


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
