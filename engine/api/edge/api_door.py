"""Who may come in below `/api/`: a key that is known, and not too often. Asked before a body is
read, so that a stranger costs a lookup and nothing more.
"""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.api.problems import answer_error, from_database
from engine.api.rates import KeyRates
from engine.errors import CadenzaError, NotSignedIn
from engine.services.api_keys import ApiKeys, Caller

PATH = "/api/"
CHALLENGE = 'Bearer realm="Cadenza API"'
# Answers are data for one program: nobody keeps them, no browser runs anything in them.
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


class ApiDoor:
    """Leaves the caller in `scope["state"]["caller"]`."""

    def __init__(self, app: ASGIApp, *, keys: ApiKeys, rates: KeyRates) -> None:
        self.app = app
        self.keys = keys
        self.rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PATH):
            await self.app(scope, receive, send)
            return

        async def kept_private(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            caller = await self._caller(scope)
        except CadenzaError as error:
            await answer_error(error, challenge=CHALLENGE)(scope, receive, kept_private)
            return
        scope.setdefault("state", {})["caller"] = caller
        await self.app(scope, receive, kept_private)

    async def _caller(self, scope: Scope) -> Caller:
        scheme, _, key = Headers(scope=scope).get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise NotSignedIn(
                "No API key. Send `Authorization: Bearer cad_…`; `cadenza key create --for-user` "
                "makes a key."
            )
        try:
            caller = await self.keys.caller(key.strip())
            await self.rates.spend(caller.key_id)
        except SQLAlchemyError as error:
            known = from_database(error)
            if known is None:
                raise
            raise known from error
        return caller
