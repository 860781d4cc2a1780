"""A request that takes too long is given up: its transaction is rolled back, the client told."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.api.edge.streams import is_request
from engine.api.problems import RETRY_SECONDS, answer


class TimeLimit:
    def __init__(self, app: ASGIApp, *, limit: timedelta) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_request(scope):
            await self.app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            async with asyncio.timeout(self.limit.total_seconds()) as clock:
                await self.app(scope, receive, watched)
        except TimeoutError:
            # An answer that has begun cannot be taken back; the connection breaks off.
            if started or not clock.expired():
                raise
            refusal = answer(
                503,
                "too_slow",
                f"No answer within {self.limit.total_seconds():g} seconds; nothing was changed "
                "by what was not finished. Try again.",
                headers={"Retry-After": str(RETRY_SECONDS)},
            )
            await refusal(scope, receive, send)
