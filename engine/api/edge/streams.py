"""Which paths are streams: the designer's sockets, long polls and uploads bound themselves."""

from __future__ import annotations

from starlette.types import Scope

STREAMS = ("/_nicegui",)


def is_request(scope: Scope) -> bool:
    """One question with one answer, as opposed to a stream or a socket."""
    return scope["type"] == "http" and not scope["path"].startswith(STREAMS)
