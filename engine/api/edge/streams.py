"""Which paths are streams: sockets, long polls, uploads and exports bound themselves."""

from __future__ import annotations

from starlette.types import Scope

STREAMS = ("/_nicegui", "/exports/")


def is_request(scope: Scope) -> bool:
    """One question with one answer, as opposed to a stream or a socket."""
    return scope["type"] == "http" and not scope["path"].startswith(STREAMS)
