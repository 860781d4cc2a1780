"""Under which names we answer.

A page of somebody else's may make its own name point to this machine (DNS rebinding) and then reads
our answers as its own. A browser tells the name it was given, so an unknown one is refused. Plain
addresses and names without a dot cannot be pointed here by a stranger, and probes use them.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.api.problems import answer
from engine.telemetry.counts import HOSTS_REFUSED

# No cookie and no person behind them: whoever probes may use any name.
PROBES: Final = frozenset({"/healthz", "/readyz"})
_LONGEST: Final = 255
_CODE: Final = 4421


class KnownHosts:
    """Names that are ours, from the settings."""

    def __init__(self, public_url: str, listening: str, further: Iterable[str] = ()) -> None:
        named = urlsplit(public_url).hostname or ""
        names = {named.lower(), listening.lower(), *(name.lower() for name in further)}
        self._whole = frozenset(name for name in names if name and not name.startswith("*."))
        self._below = tuple(name[1:] for name in names if name.startswith("*."))

    def knows(self, host: str) -> bool:
        """Whether `host`, as in a request's header, is ours."""
        name = _name(host)
        if name is None:
            return False
        if name in self._whole or name.endswith(self._below):
            return True
        return _is_address(name) or "." not in name or name.endswith(".localhost")


class KnownHost:
    """Refuses with 421: the request came to the wrong place, or the settings miss a name."""

    def __init__(self, app: ASGIApp, *, hosts: KnownHosts) -> None:
        self.app = app
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"] in PROBES:
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).getlist("host")
        if len(given) == 1 and self.hosts.knows(given[0]):
            await self.app(scope, receive, send)
            return
        HOSTS_REFUSED.inc()
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": _CODE})
            return
        refusal = answer(
            421,
            "unknown_host",
            "Nothing is served under this name. If it is yours, set PUBLIC_URL to it or add it to "
            "ALLOWED_HOSTS.",
        )
        await refusal(scope, receive, send)


def _name(host: str) -> str | None:
    """The name without its port, in small letters; None when it is none."""
    if not host or len(host) > _LONGEST or not host.isascii():
        return None
    if host.startswith("["):
        name, closed, port = host[1:].partition("]")
        port = port.removeprefix(":") if closed else "?"
    else:
        name, _, port = host.partition(":")
    if port and not port.isdecimal():
        return None
    # a name may end in the dot of the root
    name = name.lower().removesuffix(".")
    allowed = all(letter.isalnum() or letter in ".-:_%" for letter in name)
    return name if name and allowed else None


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
