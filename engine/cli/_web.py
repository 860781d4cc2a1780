"""The web doors on a socket of ours: API and designer in one application."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from designer.app import mount
from engine.api.app import create_app
from engine.errors import Conflict, Refused
from engine.garbage import spare_the_garbage_collector
from engine.runtime import Runtime

BACKLOG = 2048
# Browsers hold their connection open for ever: do not wait long for them.
GRACE_SECONDS = 3


class Server(uvicorn.Server):
    """Leaves signals alone: stopping is decided once for the whole process."""

    def __init__(self, config: uvicorn.Config, ready: asyncio.Event) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve_web(
    runtime: Runtime, listening: socket.socket, ready: asyncio.Event, stop: asyncio.Event
) -> None:
    """Serve until `stop`; `ready` is set when the first request would be answered."""
    # a template that cannot be read is told now and not to whoever opens the first page
    runtime.templates.names()
    app = create_app(runtime)
    mount(app, runtime)
    spare_the_garbage_collector()
    server = Server(
        uvicorn.Config(
            app,
            loop="none",
            http="httptools",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=True,
            forwarded_allow_ips=runtime.settings.web.trusted_proxies,
            timeout_graceful_shutdown=GRACE_SECONDS,
        ),
        ready,
    )
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await _first(serving, stop)
    finally:
        server.should_exit = True
        await serving


async def _first(serving: asyncio.Task[None], stop: asyncio.Event) -> None:
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()


def listen(host: str, port: int) -> socket.socket:
    """A bound socket. Raises Conflict when the port is taken, Refused for an address not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise Conflict(
                f"Port {port} on {host} is taken by another program. Stop that one, or set "
                "HTTP_PORT to another port."
            ) from error
        raise Refused(
            f"Cannot listen on {host}, port {port}: {error.strerror}. Correct HTTP_HOST and "
            "HTTP_PORT (ports below 1024 need special rights)."
        ) from error
    listening.setblocking(False)
    return listening
