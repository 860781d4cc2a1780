"""Seconds from the first byte in to the last byte out, by route and status."""

from __future__ import annotations

import time

from prometheus_client import Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.api.edge.streams import is_request

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Timing:
    def __init__(self, app: ASGIApp, *, seconds: Histogram) -> None:
        self.app = app
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_request(scope):
            await self.app(scope, receive, send)
            return
        status = 500
        began = time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            # The pattern, never the path: a path may hold an id or a token.
            route = getattr(scope.get("route"), "path", "other")
            taken = time.perf_counter() - began
            # a method is whatever somebody writes
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self.seconds.labels(route=route, method=method, status=status).observe(taken)
