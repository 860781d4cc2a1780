"""What stands in for `requests` inside the chat library.

The library knows how each provider wants to be told; it would call them by `requests`, which
follows redirects, looks at no address and tells its caller only whether it went well. Its modules
are given this object instead. It hands every call to our own outgoing client, on the event loop
that asked, and keeps the answer, so that the channel can judge it by its codes.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import ModuleType
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import requests

from engine.outgoing import Answered, Call, NotAllowed, Outgoing, OutgoingError

_here = threading.local()
# Told by our own client for what it sends.
_NOT_HANDED_ON: Final = frozenset({"content-length", "user-agent", "accept-encoding"})


@dataclass(slots=True)
class Wire:
    """One message's calls. `hosts` are the names that may be called, or endings that begin with a
    dot; `base` stands in for all of them in tests."""

    loop: asyncio.AbstractEventLoop
    outgoing: Outgoing
    hosts: tuple[str, ...]
    timeout: timedelta
    base: str | None = None
    results: list[Answered | OutgoingError] = field(default_factory=list)
    under_way: concurrent.futures.Future[Answered] | None = None
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True
        if self.under_way is not None:
            self.under_way.cancel()

    def call(self, request: requests.PreparedRequest) -> Answered:
        """On a thread of its own. Raises OutgoingError."""
        url = self._checked(request.url or "")
        headers = {
            name: str(value)
            for name, value in request.headers.items()
            if name.lower() not in _NOT_HANDED_ON
        }
        body = request.body or b""
        raw = body.encode() if isinstance(body, str) else body
        assert isinstance(raw, bytes)  # files are never handed to the library
        call = Call(request.method or "POST", url, headers, raw, self.timeout)
        if self.cancelled:
            raise concurrent.futures.CancelledError
        self.under_way = asyncio.run_coroutine_threadsafe(self.outgoing.send(call), self.loop)
        return self.under_way.result()

    def _checked(self, url: str) -> str:
        parts = urlsplit(url)
        host = parts.hostname or ""
        allowed = any(host.endswith(one) if one[0] == "." else host == one for one in self.hosts)
        if parts.scheme != "https" or not allowed or parts.port not in (None, 443):
            raise NotAllowed("not_allowed", "This is no address of the provider.")
        if self.base is None:
            return url
        return f"{self.base}{parts.path}{'?' if parts.query else ''}{parts.query}"


class enter:  # noqa: N801 - reads as a verb where it is used
    """While it lasts, calls made on this thread go over `wire`."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def __enter__(self) -> None:
        _here.wire = self._wire

    def __exit__(self, *_: object) -> None:
        _here.wire = None


class _Requests:
    """The part of `requests` that the library's modules use."""

    codes = requests.codes
    RequestException = requests.RequestException

    def post(self, url: str, **more: Any) -> requests.Response:
        return self.request("POST", url, **more)

    def get(self, url: str, **more: Any) -> requests.Response:
        return self.request("GET", url, **more)

    def request(
        self,
        method: str,
        url: str,
        *,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        params: Any = None,
        auth: Any = None,
        **others: Any,
    ) -> requests.Response:
        """Time limits, certificates and redirects are our client's affair, so `others` are left."""
        del others
        wire: Wire | None = getattr(_here, "wire", None)
        if wire is None:
            raise RuntimeError("the chat library called somebody outside of a channel")
        # DingTalk's signature comes quoted already, and would be quoted once more
        query = {name: unquote(str(value)) for name, value in (params or {}).items()}
        asked = requests.Request(method, url, dict(headers or {}), None, data, query, auth)
        try:
            answer = wire.call(asked.prepare())
        except OutgoingError as error:
            wire.results.append(error)
            raise requests.ConnectionError(error.code) from error
        wire.results.append(answer)
        return _response(answer)


def _response(answer: Answered) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response._content = answer.body
    response.headers.update(answer.headers)
    return response


_REQUESTS: Final = _Requests()


def install(module: ModuleType) -> None:
    """Let a module of the library call by us. Twice is harmless."""
    vars(module)["requests"] = _REQUESTS
