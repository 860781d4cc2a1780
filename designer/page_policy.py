"""The script policy of one page: a number that only this answer knows.

NiceGUI starts its pages with inline scripts. Each of them gets the number, so that the policy need
not allow inline scripts at large: one that came in with somebody's text, or an `onerror` attribute,
is not run. What people wrote stands in these pages escaped, so no tag of theirs is met here.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from starlette.datastructures import MutableHeaders

from designer.security_headers import page_policy

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_SCRIPT: Final = re.compile(rb"<script(?=[\s>])")
# A page is written as one piece of some hundred kilobytes; a larger one is no page of ours.
_MOST_BYTES: Final = 32 * 1024 * 1024


class PageNumbers:
    """Innermost middleware: it must meet a page before that is compressed."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, NumberedPage(send) if scope["type"] == "http" else send)


class NumberedPage:
    """Sends on what is no page as it comes; keeps a page back until it is whole."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(message):
            self._start = message
            return
        if self._start is None or message["type"] != "http.response.body":
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if message.get("more_body", False) and len(self._body) <= _MOST_BYTES:
            return
        await self._answer(self._start, more=bool(message.get("more_body", False)))

    async def _answer(self, start: Message, *, more: bool) -> None:
        self._start = None
        number = secrets.token_urlsafe(18)
        body = _SCRIPT.sub(b'<script nonce="%s"' % number.encode(), bytes(self._body))
        headers = MutableHeaders(scope=start)
        if not more:
            headers["Content-Length"] = str(len(body))
        headers["Content-Security-Policy"] = page_policy(number)
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body, "more_body": more})


def _is_page(message: Message) -> bool:
    headers = MutableHeaders(scope=message)
    return (
        headers.get("content-type", "").startswith("text/html")
        and headers.get("x-nicegui-content") == "page"
        and "content-security-policy" not in headers
        and "content-encoding" not in headers
    )
