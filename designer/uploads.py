"""How much may be uploaded into pages: bounded while it comes, before it reaches the disk.

NiceGUI spools a form's file into the temporary folder whatever its size, and only then does a page
look at it. Each page has a smaller limit of its own; this is the one nobody gets round.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.responses import JSONResponse

from designer.visitor import visitor_in
from engine.services.imports import MOST_IMPORT_BYTES

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PLACE: Final = "/_nicegui/client/"
# The largest file any page takes, with the form around it.
MOST_BYTES: Final = MOST_IMPORT_BYTES + 65_536
# Other bodies sent to pages: sign-in forms and the long polls of a blocked web socket.
MOST_SMALL_BYTES: Final = 1_048_576
MOST_AT_ONCE: Final = 8
MOST_OF_ONE: Final = 2
# Left free on the disk of the temporary folder, whoever uploads.
KEPT_FREE_BYTES: Final = 200 * 1024**2


class UploadGate:
    """Refuses with 413 what is too large, 429 what is too much at once, 507 what has no room."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._under_way: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        if PLACE not in str(scope["path"]):
            await self._bounded(scope, receive, send, MOST_SMALL_BYTES)
            return
        who = _who(scope)
        status = await self._status(scope, who)
        if status is not None:
            await _refused(status)(scope, receive, send)
            return
        self._under_way[who] += 1
        try:
            await self._bounded(scope, receive, send, MOST_BYTES)
        finally:
            self._under_way[who] -= 1
            if not self._under_way[who]:
                del self._under_way[who]

    async def _status(self, scope: Scope, who: str) -> int | None:
        if self._under_way[who] >= MOST_OF_ONE or self._under_way.total() >= MOST_AT_ONCE:
            return 429
        announced = _announced(scope)
        if announced is not None and announced > MOST_BYTES:
            return 413
        coming = MOST_BYTES if announced is None else announced
        free = await asyncio.to_thread(_free_bytes)
        return 507 if free - coming < KEPT_FREE_BYTES else None

    async def _bounded(self, scope: Scope, receive: Receive, send: Send, most: int) -> None:
        announced = _announced(scope)
        if announced is not None and announced > most:
            await _refused(413)(scope, receive, send)
            return
        came, over, begun = 0, False, False

        async def counted() -> Message:
            nonlocal came, over
            message = await receive()
            came += len(message.get("body", b""))
            if came > most:
                # whoever reads the form meets a client that has gone, and lets go of its file
                over = True
                return {"type": "http.disconnect"}
            return message

        async def watched(message: Message) -> None:
            nonlocal begun
            if over and not begun:
                # the framework's words about a client that has gone
                return
            begun = True
            await send(message)

        try:
            await self._app(scope, counted, watched)
        except Exception:
            if not over:
                raise
        if over and not begun:
            await _refused(413)(scope, receive, send)


def _announced(scope: Scope) -> int | None:
    written = Headers(scope=scope).get("content-length", "")
    return int(written) if written.isdecimal() and len(written) < 20 else None


def _who(scope: Scope) -> str:
    visitor = visitor_in(scope)
    return (visitor.token or "") if visitor is not None else ""


def _free_bytes() -> int:
    return shutil.disk_usage(tempfile.gettempdir()).free


def _refused(status: int) -> JSONResponse:
    return JSONResponse({"detail": _WORDS[status]}, status)


_WORDS: Final = {
    413: "The file is too large.",
    429: "Too many files at once. Wait until one has come.",
    507: "There is no room for the file on the server's disk.",
}
