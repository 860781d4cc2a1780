"""What the doors that take a write key share: the key, the body, pages of other sites.

No cookie counts here, so any page may call: that is what the keys of browsers are for.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import Request
from starlette.responses import Response

from engine.errors import NotSignedIn, Refused

# For pages of other sites. Nothing here is answered by what a browser sends by itself.
CROSS_ORIGIN: Final = {"Access-Control-Allow-Origin": "*"}
PREFLIGHT: Final = {
    **CROSS_ORIGIN,
    "Access-Control-Allow-Methods": "POST, GET, OPTIONS",
    "Access-Control-Allow-Headers": "authorization, content-type, content-encoding, anonymousid, "
    "x-requested-with, ce-id, ce-source, ce-specversion, ce-type, ce-time, ce-subject",
    "Access-Control-Max-Age": "86400",
}
_GZIP: Final = zlib.MAX_WBITS | 16

Handle = Callable[[Request], Awaitable[Response]]


def opened_to_pages(handle: Handle) -> Handle:
    """The answer may be read by pages of other sites, refusals too."""

    async def answered(request: Request) -> Response:
        response = await handle(request)
        response.headers.update(CROSS_ORIGIN)
        return response

    return answered


async def preflight(_: Request) -> Response:
    return Response(status_code=204, headers=PREFLIGHT)


def header_key(request: Request) -> str | None:
    """The user name of Basic credentials, whose password is empty and not looked at; or a bearer
    token. None without either."""
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(rest, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        raise NotSignedIn("The Authorization header is not Basic credentials.") from None


def body_key(found: object) -> str:
    if not isinstance(found, str) or not found:
        raise NotSignedIn(
            'No write key. Send it as the user name of Basic credentials or as "writeKey".'
        )
    return found


def unpacked(body: bytes, most: int) -> bytes:
    """Some browsers' clients pack the body and say so nowhere but in its first bytes."""
    if body[:2] != b"\x1f\x8b":
        return body
    unpacker = zlib.decompressobj(_GZIP)
    try:
        plain = unpacker.decompress(body, most + 1)
    except zlib.error as error:
        raise Refused("The body begins as gzip and is none.") from error
    if len(plain) > most:
        raise Refused(f"The body has more than {most} bytes. Send smaller ones.")
    if not unpacker.eof:
        raise Refused("The gzip body ends in the middle.")
    return plain
