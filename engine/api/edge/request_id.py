"""A number for each request, in its answer and in every log line written for it."""

from __future__ import annotations

import re
import uuid

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.services.door import DoorName, through

HEADER = "X-Request-ID"
_SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestId:
    """Takes over a caller's number when it is harmless, so that theirs and our logs meet."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        number = given if _SANE.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = number

        async def numbered(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = number
            await send(message)

        bound = structlog.contextvars.bound_contextvars(request_id=number)
        with bound, through(door_to(scope["path"]), number):
            await self.app(scope, receive, numbered)


def door_to(path: str) -> DoorName:
    """By which door such an address is: links in letters have a letter and a token."""
    first = path[1:].partition("/")[0]
    if first in ("api", "v1", "hooks", "mcp", "batch"):
        return "api"
    return "link" if len(first) == 1 else "page"
