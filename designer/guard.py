"""Nobody passes who has not signed in: pages, their sockets and their files alike.

Pure ASGI, because it also stands before web sockets. It wraps the mounted NiceGUI application only;
the API beside it has its own keys.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, Protocol, TypeAlias
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse, Response

from designer.security_headers import HEADERS, PRIVATE
from designer.uploads import UploadGate
from designer.visitor import Visitor, cookies_of, recognise, remember
from engine.services.actor import Actor
from engine.services.away import DATABASE_FAULTS
from engine.services.sign_in import COOKIE

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

SIGN_IN: Final = "/sign-in"
NEW_PASSWORD: Final = "/password"  # noqa: S105 - a path
OPEN_PATHS: Final = frozenset(
    {SIGN_IN, "/sign-in/code", "/sign-in/company", "/sign-in/company/back", "/forgot"}
    | {"/preferences", "/favicon.ico"}
)
OPEN_FOLDERS: Final = ("/assets/", "/set-password/")
# Open to somebody whose one-time password is still to be changed.
HALF_OPEN_PATHS: Final = frozenset({NEW_PASSWORD, "/sign-out"})
# Doors of the API: an unknown path below them is answered as they answer, not with a sign-in page.
API_FOLDERS: Final = (
    *("/api/", "/v1/", "/hooks/", "/u/", "/p/", "/o/", "/c/", "/a/", "/i/", "/v/", "/d/"),
)
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Session(Protocol):
    """A signed-in browser, as `engine.services.sign_in` describes it."""

    @property
    def actor(self) -> Actor: ...

    @property
    def language(self) -> str: ...

    @property
    def must_change_password(self) -> bool: ...


class Sessions(Protocol):
    async def who(self, token: str) -> Session | None: ...


class Guard:
    def __init__(self, app: App, sessions: Sessions) -> None:
        self._app = app
        self._sessions = sessions
        self._uploads = UploadGate(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        _without_prefix(scope)
        headers = Headers(scope=scope)
        cookies = cookies_of(headers.get("cookie", ""))
        token = cookies.get(COOKIE)
        session = await self._sessions.who(token) if token else None
        visitor = recognise(
            cookies,
            headers.get("accept-language", ""),
            actor=session.actor if session else None,
            token=token if session else None,
            own_language=session.language if session else None,
        )
        remember(scope, visitor)
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send, headers, session, token)
            return
        refusal = _refusal(scope, headers, visitor, session)
        answer: App = refusal if refusal is not None else self._uploads
        await answer(scope, receive, _with_headers(send))

    async def _socket(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        headers: Headers,
        session: Session | None,
        token: str | None,
    ) -> None:
        barred = session is None or session.must_change_password or not _from_our_pages(headers)
        if barred or token is None:
            await receive()
            await send({"type": "websocket.close", "code": 4403})
            return
        await self._app(scope, self._while_signed_in(receive, token), send)

    def _while_signed_in(self, receive: Receive, token: str) -> Receive:
        """A socket outlives its sign-in, and whoever holds on to it is heard no more: what comes in
        is dropped. It is not closed here, so that the page can still be told to go and sign in."""

        async def heard() -> Message:
            while True:
                message = await receive()
                if message["type"] != "websocket.receive" or await self._lasts(token):
                    return message

        return heard

    async def _lasts(self, token: str) -> bool:
        """Remembered for seconds, so that it costs nothing. While the database is away nobody
        knows; then the deed that was asked for fails by itself."""
        try:
            return await self._sessions.who(token) is not None
        except DATABASE_FAULTS:
            return True


def local_path(scope: Scope) -> str:
    """The path below our mount, whichever way the server gives it."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return (path.removeprefix(root) or "/") if root else path


def _refusal(
    scope: Scope, headers: Headers, visitor: Visitor, session: Session | None
) -> Response | None:
    path = local_path(scope)
    if scope["method"] not in SAFE_METHODS and not _from_our_pages(headers):
        return JSONResponse({"detail": "The request came from another site."}, 403)
    if path in OPEN_PATHS or path.startswith(OPEN_FOLDERS):
        return None
    if path.startswith(API_FOLDERS):
        return JSONResponse({"detail": "There is nothing here."}, 404)
    page_wanted = "text/html" in headers.get("accept", "")
    if visitor.actor is None or session is None:
        if not page_wanted:
            return JSONResponse({"detail": "Sign in first."}, 401)
        # any bytes may come here, and only ASCII is an address
        query = scope.get("query_string", b"").decode("latin-1")
        wanted = f"{path}?{query}" if query else path
        onward = f"?next={quote(wanted)}" if wanted != "/" else ""
        return RedirectResponse(SIGN_IN + onward, 303)
    if session.must_change_password and path not in HALF_OPEN_PATHS:
        if not page_wanted:
            return JSONResponse({"detail": "Change the one-time password first."}, 403)
        return RedirectResponse(NEW_PASSWORD, 303)
    return None


def _from_our_pages(headers: Headers) -> bool:
    """Whether a changing request comes from a page of ours; what is no browser names no origin."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def _without_prefix(scope: Scope) -> None:
    """NiceGUI puts this header before the addresses of its scripts and redirects. We are mounted
    where we are, and whoever sends it is not asked."""
    scope["headers"] = [
        (name, value) for name, value in scope["headers"] if name.lower() != b"x-forwarded-prefix"
    ]


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", PRIVATE)
        await send(message)

    return sending
