"""Connections that lead only where we may call.

A name is resolved here, the addresses are looked at here, and the one that was looked at is the one
connected to: a name that answers differently the second time (DNS rebinding) gains nothing.
Certificates are still checked against the name.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import ip_address

from httpcore2 import AnyIOBackend, AsyncNetworkBackend, AsyncNetworkStream, ConnectError
from httpcore2 import ConnectTimeout as ConnectTimedOut

from engine.outgoing.answers import NotAllowed
from engine.reachable import Address, Reachable

# Of one name. More are only tried by somebody who wants to keep us busy.
MOST_ADDRESSES = 4


class GuardedBackend(AsyncNetworkBackend):
    def __init__(self, reachable: Reachable) -> None:
        self._reachable = reachable
        self._plain = AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature
        local_address: str | None = None,
        socket_options: Iterable[object] | None = None,
    ) -> AsyncNetworkStream:
        """Raises NotAllowed, ConnectError or ConnectTimeout."""
        addresses = await self._addresses(host, port, timeout)
        failure: ConnectError | ConnectTimedOut | None = None
        for address in addresses[:MOST_ADDRESSES]:
            try:
                return await self._plain.connect_tcp(
                    str(address),
                    port,
                    timeout=timeout,
                    local_address=local_address,
                    socket_options=socket_options,  # type: ignore[arg-type]  # handed through
                )
            except (ConnectError, ConnectTimedOut) as error:
                failure = error
        raise failure or ConnectError("the name has no address")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature
        socket_options: Iterable[object] | None = None,
    ) -> AsyncNetworkStream:
        del path, timeout, socket_options
        raise NotAllowed("not_allowed", "A socket of this machine is not called.")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _addresses(self, host: str, port: int, limit_seconds: float | None) -> list[Address]:
        found = await _resolved(host, port, limit_seconds)
        if self._reachable.trusts(host, port):
            return found
        allowed = [address for address in found if self._reachable.allows(address, port)]
        if found and not allowed:
            raise NotAllowed(
                "address_not_allowed",
                "This address or port is not one that everybody can reach. If it is an internal "
                "system of yours, add it to OUTGOING_ALLOW.",
            )
        return allowed


async def _resolved(host: str, port: int, limit_seconds: float | None) -> list[Address]:
    """In the order of the resolver. Raises ConnectError and ConnectTimeout."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(limit_seconds):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except TimeoutError:
        raise ConnectTimedOut("the name was not resolved in time") from None
    except (OSError, UnicodeError) as error:
        raise ConnectError("the name is not known") from error
    addresses = [ip_address(sockaddr[0]) for *_, sockaddr in found]
    return list(dict.fromkeys(addresses))
