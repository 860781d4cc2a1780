"""A span for each request, named by the pattern of its route: a path may hold an id or a token."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.api.edge.streams import is_request
from engine.telemetry import tracing


class Tracing:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not tracing.are_on() or not is_request(scope):
            await self.app(scope, receive, send)
            return
        number = str(scope.get("state", {}).get("request_id", ""))
        method = str(scope["method"])
        with tracing.span("request", kind="server", method=method, request_id=number) as told:

            async def watched(message: Message) -> None:
                if message["type"] == "http.response.start":
                    told.note(**{"http.response.status_code": message["status"]})
                await send(message)

            try:
                await self.app(scope, receive, watched)
            finally:
                # the pattern, never the path
                route = str(getattr(scope.get("route"), "path", "other"))
                told.named(f"{method} {route}")
                told.note(**{"http.route": route})
