"""Loopback ports: the wanted one, or the next that is free, and the same again next time."""

from __future__ import annotations

import errno
import json
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"
# How far above the wanted port we look before letting the system choose any.
SPAN = 50


class PortBook:
    """Remembers in a file which port each server got, so that bookmarks keep working."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def choose(self, name: str, wanted: int, host: str = LOOPBACK) -> int:
        """A free port for `name`: the remembered one, else `wanted` or one soon after it.

        0 asks for any free port. A remembered port counts only while the wish is the same.
        """
        book = self._read()
        entry = book.get(name, {})
        remembered = entry.get("port", 0) if entry.get("wanted") == wanted else 0
        taken = {other["port"] for key, other in book.items() if key != name}
        port = next(
            (
                candidate
                for candidate in (remembered, *range(wanted, wanted + SPAN))
                if wanted and candidate and candidate not in taken and is_free(candidate, host)
            ),
            None,
        ) or any_free_port(host)
        book[name] = {"wanted": wanted, "port": port}
        self._path.write_text(json.dumps(book, indent=1))
        return port

    def _read(self) -> dict[str, dict[str, int]]:
        try:
            book: dict[str, dict[str, int]] = json.loads(self._path.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return book


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Nobody listens there, not even on all addresses (which macOS would let us shadow)."""
    reachable = LOOPBACK if host in ("", "0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    with socket.socket(_family(reachable), socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        if probe.connect_ex((reachable, port)) == 0:
            return False
    with socket.socket(_family(host), socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def any_free_port(host: str = LOOPBACK) -> int:
    """A port that was free a moment ago."""
    with socket.socket(_family(host), socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def answers(port: int, host: str = LOOPBACK) -> bool:
    """Somebody accepts connections there."""
    with socket.socket(_family(host), socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
