"""Where we may call: which addresses of the web, which machines, which ports. Pure.

Whoever writes a flow chooses an address, and our server calls it from inside the network. So only
what everybody on the internet can reach is called, unless the settings say otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final, TypeAlias
from urllib.parse import urlsplit

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

LONGEST_URL: Final = 2_000
USUAL_PORTS: Final = frozenset({80, 443, 8080, 8443})
# Azure's virtual machines are told their secrets there, although the address is a public one.
_PUBLIC_BUT_INSIDE: Final = frozenset({ip_address("168.63.129.16")})
# Ranges that Python still counts as global: site-local (RFC 3879), documentation (RFC 9637) and the
# relays of 6to4 (RFC 7526), which lead nowhere good.
_NOT_GLOBAL: Final = tuple(ip_network(one) for one in ("fec0::/10", "3fff::/20", "192.88.99.0/24"))
# Ways to write an IPv4 address as an IPv6 one besides ::ffff:0:0/96: NAT64 (RFC 6052) and
# IPv4-compatible (RFC 4291), with the 32 bits at the end.
_AT_THE_END: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
# NAT64 of a network's own (RFC 8215): where in it the IPv4 address stands is not known.
_LOCAL_NAT64: Final = IPv6Network("64:ff9b:1::/48")
_PLAIN: Final = re.compile(r"[!-\[\]-~]+")
_HOST: Final = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,252}[a-z0-9_])?")


def url_problem(url: str) -> str | None:
    """Why this is no address we call, as the rest of a sentence; None when it is one."""
    if len(url) > LONGEST_URL:
        return f"is longer than {LONGEST_URL} characters."
    if not _PLAIN.fullmatch(url):
        return "holds spaces or characters that no address has; write them as %20 and the like."
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is no address; write one such as https://example.com/hooks."
    if parts.scheme not in ("http", "https") or not host:
        return "is no whole address; write one such as https://example.com/hooks."
    if parts.username is not None or parts.password is not None:
        return "holds a user name or password; keep a secret and name it instead."
    return "ends in a fragment (#), which is never sent." if parts.fragment else None


def is_public(address: Address) -> bool:
    """Whether anybody on the internet can reach it, however it is written."""
    if isinstance(address, IPv6Address):
        inner = _inside(address)
        if inner is not None:
            return is_public(inner)
        if IPv6Address(int(address)) in _LOCAL_NAT64:
            return False
    if address in _PUBLIC_BUT_INSIDE or any(address in network for network in _NOT_GLOBAL):
        return False
    # documented, shared, private, loopback, link-local ranges are not global
    return address.is_global and not address.is_multicast and not address.is_reserved


def _inside(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that such an IPv6 address leads to."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    plain = IPv6Address(int(address))
    if any(plain in network for network in _AT_THE_END):
        return IPv4Address(int(plain) & 0xFFFFFFFF)
    return None


@dataclass(frozen=True, slots=True)
class Reachable:
    """What may be called beyond the public internet: names, networks; None is every port."""

    hosts: frozenset[tuple[str, int | None]] = frozenset()
    networks: tuple[tuple[Network, int | None], ...] = ()
    ports: Collection[int] = USUAL_PORTS

    def trusts(self, host: str, port: int) -> bool:
        """Whether the name is allowed, whatever it leads to."""
        name = host.lower().rstrip(".")
        return (name, None) in self.hosts or (name, port) in self.hosts

    def allows(self, address: Address, port: int) -> bool:
        """Whether a machine may be called that was found under a name nobody has allowed."""
        if any(address in network and only in (None, port) for network, only in self.networks):
            return True
        return port in self.ports and is_public(address)


def read_reachable(allow: str, ports: str | None = None) -> Reachable:
    """From `host, host:port, 10.0.0.0/8, [fd00::/8]:443` and `80,443`. Raises ValueError."""
    hosts: set[tuple[str, int | None]] = set()
    networks: list[tuple[Network, int | None]] = []
    for written in filter(None, (part.strip() for part in allow.split(","))):
        name, port = _parted(written)
        network = _network(name)
        if network is not None:
            networks.append((network, port))
        elif _HOST.fullmatch(name.lower()):
            hosts.add((name.lower(), port))
        else:
            raise ValueError(f'"{written}" is no host and no network such as 10.0.0.0/8')
    numbers = USUAL_PORTS if ports is None else frozenset(_port(one) for one in ports.split(","))
    return Reachable(frozenset(hosts), tuple(networks), numbers)


def _parted(written: str) -> tuple[str, int | None]:
    """A host or network, and its port. IPv6 with a port is written in brackets."""
    if written.startswith("["):
        name, _, rest = written[1:].partition("]")
        return name, _port(rest[1:]) if rest.startswith(":") else None
    if written.count(":") == 1:
        name, _, port = written.partition(":")
        return name, _port(port)
    return written, None


def _network(name: str) -> Network | None:
    try:
        return ip_network(name, strict=False)
    except ValueError:
        return None


def _port(text: str) -> int:
    if not text.strip().isdecimal() or not 0 < int(text) < 65536:
        raise ValueError(f'"{text}" is no port')
    return int(text)
