"""What the doors for signed webhooks have in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.api.calling import refusals

# Told to whoever does not sign, or signs wrongly.
CHALLENGE: Final = 'StandardWebhooks realm="Cadenza"'

Handle = Callable[[str, Request], Awaitable[Response]]


def content_type_of(request: Request) -> str:
    """Without parameters, in small letters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def hook_router(
    path: str,
    handle: Handle,
    *,
    operation_id: str,
    summary: str,
    accepts: Mapping[str, Mapping[str, Any]],
) -> APIRouter:
    """`/hooks<path>`, which is given the source and the request; `accepts` are schemas of bodies by
    content type. The body is read by `handle`, because it is signed as it came."""
    router = APIRouter(prefix="/hooks", tags=["events"])

    async def receive(source: str, request: Request) -> Response:
        return await handle(source, request)

    content = {kind: {"schema": dict(schema)} for kind, schema in accepts.items()}
    router.add_api_route(
        path,
        receive,
        methods=["POST"],
        operation_id=operation_id,
        summary=summary,
        responses=refusals(),
        openapi_extra={"requestBody": {"required": True, "content": content}},
    )
    return router
