"""Bodies of the API: strict JSON, not deeper than anything we read needs to be."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final

import orjson
from fastapi import Request
from fastapi.routing import APIRoute
from starlette.datastructures import MutableHeaders
from starlette.responses import Response

from engine.errors import Problem, Refused

# A rule may be 32 operators deep, each with a list of its own, inside a few levels of ours.
MOST_LEVELS: Final = 80


class BadJson(Refused):
    code = "bad_json"


class JsonRoute(APIRoute):
    """Reads the body itself, before the framework's parser, which takes NaN, half surrogate pairs
    and any depth.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            body = await request.body()
            if body:
                # Whatever type it is sent as. No browser adds a key by itself, so a type that a
                # form could send is no way in.
                MutableHeaders(scope=request.scope)["content-type"] = "application/json"
                # where Starlette looks for a body that was parsed already
                request._json = read_json(body)
            return await handle(request)

        return handle_strictly


def read_json(body: bytes) -> Any:
    """Raises BadJson."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        problem = Problem(
            "", "bad_json", f"{error.msg} (line {error.lineno}, column {error.colno})"
        )
        raise BadJson("The body is not JSON. Send UTF-8 JSON.", [problem]) from error
    if body.count(b"[") + body.count(b"{") > MOST_LEVELS and _levels(document) > MOST_LEVELS:
        problem = Problem("", "too_deep", f"the body is nested more than {MOST_LEVELS} levels deep")
        raise BadJson("The body is nested too deep.", [problem])
    return document


def _levels(document: Any) -> int:
    """Counted level by level, without recursion; ends at the first level that is too much."""
    levels, here = 0, [document]
    while here and levels <= MOST_LEVELS:
        inner: list[Any] = []
        for value in here:
            if isinstance(value, dict):
                inner.extend(value.values())
            elif isinstance(value, list):
                inner.extend(value)
        levels += 1
        here = inner
    return levels
