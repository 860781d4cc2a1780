"""Pages still open somewhere when their sign-in ends go to the sign-in page, and are taken apart
if they stay: nothing more is sent to them.

A sign-in ends in many places: here, in another process, from the command line, by itself. One small
question every few seconds covers all pages that anybody has open.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from nicegui import App, Client, background_tasks

from designer.plain.routes import leave_open_pages
from designer.visitor import visitor_of
from engine.services.away import DATABASE_FAULTS
from engine.services.sign_in import SignIns

log = logging.getLogger(__name__)
EVERY_SECONDS: Final = 3.0


def watch_ended_sign_ins(app: App, sign_ins: SignIns) -> None:
    """Begins with the first page that is open, and ends with the server."""

    async def watch() -> None:
        told: frozenset[str] = frozenset()
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                told = await send_away(sign_ins, told)
            except DATABASE_FAULTS as error:
                log.warning("whose sign-ins have ended is not known: %s", type(error).__name__)

    watching: asyncio.Task[None] | None = None

    def begin() -> None:
        nonlocal watching
        if watching is None or watching.done():
            watching = background_tasks.create(watch(), name="sign-ins that end")

    app.on_connect(begin)


async def send_away(sign_ins: SignIns, told: frozenset[str] = frozenset()) -> frozenset[str]:
    """The sign-ins that had ended under open pages. Pages of those that were `told` before and are
    still there belong to no browser that does what it is told."""
    tokens = _tokens()
    over = await sign_ins.over(tokens) if tokens else frozenset()
    for token in over:
        if token in told:
            _take_apart(token)
        else:
            leave_open_pages(token)
    return over


def _take_apart(token: str) -> None:
    for client in list(Client.instances.values()):
        if client.request is not None and visitor_of(client.request).token == token:
            client.delete()


def _tokens() -> set[str]:
    found = set()
    for client in list(Client.instances.values()):
        state = client.request.scope.get("state", {}) if client.request is not None else {}
        if client.has_socket_connection and state:
            token = visitor_of(client.request).token
            if token:
                found.add(token)
    return found
