"""Routes of the API: bodies are strict JSON, not deeper than anything we read needs to be; every
list takes `fields=`, every write an Idempotency-Key.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final

import orjson
from fastapi import Request
from fastapi.routing import APIRoute
from starlette.datastructures import MutableHeaders
from starlette.responses import Response

from engine.api.fields_asked import PARAMETER, item_model, names_asked, narrowed
from engine.api.repeated_writes import HEADER, WRITES, once_remembered
from engine.errors import Problem, Refused

# A rule may be 32 operators deep, each with a list of its own, inside a few levels of ours.
MOST_LEVELS: Final = 80


class BadJson(Refused):
    code = "bad_json"


class ApiRoute(APIRoute):
    """`fields=` for lists and an Idempotency-Key for writes, whatever the body is."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        item = item_model(self.response_model)
        # an operation that makes something keeps its answer with what it made
        keeps_its_answer = takes_key(self)

        async def handle_as_all(request: Request) -> Response:
            if request.method in WRITES:
                if HEADER in request.headers and not keeps_its_answer:
                    return await once_remembered(request, handle)
                return await handle(request)
            asked = request.query_params.get(PARAMETER)
            if item is None or asked is None:
                return await handle(request)
            names = names_asked(asked, item)
            return narrowed(await handle(request), names)

        return handle_as_all


class JsonRoute(ApiRoute):
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


def takes_key(route: APIRoute) -> bool:
    """Whether the operation reads the Idempotency-Key itself."""
    return any(one.alias == HEADER for one in route.dependant.header_params)


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
