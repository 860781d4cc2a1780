"""Calling other systems: pooled, never further than allowed, never longer or larger than bounded.

Redirects are not followed: the address that was looked at is the one that answers. Proxies of the
environment are not asked, because they would resolve names themselves.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpcore2
import httpx2

from engine.outgoing.answers import Answered, NoAnswer, NotAllowed, NotSent, OutgoingError
from engine.outgoing.guarded import GuardedBackend
from engine.reachable import Reachable, url_problem
from engine.telemetry.counts import OUTGOING_SECONDS
from engine.telemetry.tracing import span

CONNECT_SECONDS: Final = 5.0
IDLE_SECONDS: Final = 30.0
USER_AGENT: Final = "Cadenza"
# The library writes each whole address into the log, and some addresses hold a token.
logging.getLogger("httpx2").setLevel(logging.WARNING)
_NEVER_LEFT: Final = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.UnsupportedProtocol,
)


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `timeout` bounds everything from the name to the last byte of the answer."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    timeout: timedelta = timedelta(seconds=10)

    def __repr__(self) -> str:
        return f"Call({self.method})"


class _Transport(httpx2.AsyncHTTPTransport):
    """The library's transport over a pool whose connections are guarded."""

    def __init__(self, reachable: Reachable, connections: int, trusting: ssl.SSLContext) -> None:
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=trusting,
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=GuardedBackend(reachable),
        )


class Outgoing:
    """One per process; safe to use by many tasks of one event loop. Connections are opened when
    first needed, so an object that calls nobody costs nothing."""

    def __init__(
        self,
        reachable: Reachable | None = None,
        *,
        connections: int = 40,
        max_answer_bytes: int = 65_536,
    ) -> None:
        self._reachable = reachable or Reachable()
        self._connections = connections
        self._max_answer_bytes = max_answer_bytes
        self._client: httpx2.AsyncClient | None = None

    def apart(self, connections: int = 100) -> Outgoing:
        """Another under the same rules, with connections of its own: whoever waits for slow
        receivers there keeps nobody from calling here."""
        return Outgoing(
            self._reachable, connections=connections, max_answer_bytes=self._max_answer_bytes
        )

    async def send(self, call: Call) -> Answered:
        """The answer, whatever its status. Raises NotAllowed, NotSent or NoAnswer."""
        outcome, began = "fault", time.perf_counter()
        with span("outgoing call", kind="client", method=call.method) as told:
            try:
                answered = await self._sent(call)
                outcome = f"{answered.status // 100}xx"
                return answered
            except OutgoingError as error:
                outcome = type(error).__name__
                raise
            finally:
                told.note(outcome=outcome)
                OUTGOING_SECONDS.labels(outcome).observe(time.perf_counter() - began)

    async def _sent(self, call: Call) -> Answered:
        trouble = url_problem(call.url)
        if trouble is not None:
            raise NotAllowed("bad_url", f"The address {trouble}")
        seconds = call.timeout.total_seconds()
        try:
            async with asyncio.timeout(seconds):
                return await self._answer(call, seconds)
        except TimeoutError:
            raise NoAnswer("timed_out", "No whole answer came in time.") from None
        except _NEVER_LEFT as error:
            raise NotSent("unreachable", _sentence(error)) from error
        except httpx2.InvalidURL as error:
            raise NotAllowed("bad_url", "The address cannot be called.") from error
        except httpx2.TransportError as error:
            raise NoAnswer("cut_off", "The connection broke before the answer came.") from error

    async def close(self) -> None:
        """Let go of connections. Twice is harmless, and sending afterwards opens them again."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _answer(self, call: Call, seconds: float) -> Answered:
        limits = httpx2.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
        client = self._opened()
        request = client.build_request(
            call.method,
            call.url,
            # no compression: a kilobyte that unpacks to a gigabyte is not even asked for
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **call.headers},
            content=call.body or None,
            timeout=limits,
        )
        answer = await client.send(request, stream=True)
        try:
            body, cut = await self._beginning(answer)
        finally:
            await answer.aclose()
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Answered(answer.status_code, headers, body, cut)

    async def _beginning(self, answer: httpx2.Response) -> tuple[bytes, bool]:
        """Up to the most bytes we read, and whether there was more."""
        kept = bytearray()
        async for chunk in answer.aiter_raw():
            kept += chunk
            if len(kept) > self._max_answer_bytes:
                return bytes(kept[: self._max_answer_bytes]), True
        return bytes(kept), False

    def _opened(self) -> httpx2.AsyncClient:
        if self._client is None:
            trusting = ssl.create_default_context()
            self._client = httpx2.AsyncClient(
                transport=_Transport(self._reachable, self._connections, trusting),
                follow_redirects=False,
                trust_env=False,
                # one receiver's session would go along with the next flow's call to it
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            )
        return self._client


def _sentence(error: Exception) -> str:
    if isinstance(error, httpx2.PoolTimeout):
        return "Too many calls are under way."
    if isinstance(error, httpx2.ConnectTimeout):
        return "Nobody answered there in time."
    return "Nobody could be reached there."
