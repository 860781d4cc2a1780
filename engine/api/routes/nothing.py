"""What is below `/api/` and no operation: a problem document, where the designer would show a page.

This router comes after all others, and so it also answers for methods that a path does not have.
"""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def nothing_router(*others: APIRouter) -> APIRouter:
    """`others` are the routers of the operations."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/api/{path:path}", methods=_METHODS)
    async def nothing(request: Request) -> None:
        allowed = _methods_of(request, others)
        if allowed:
            raise HTTPException(405, "Method Not Allowed", {"Allow": ", ".join(sorted(allowed))})
        raise HTTPException(404, "There is nothing here. /openapi.json lists what there is.")

    return router


def _methods_of(request: Request, routers: Iterable[APIRouter]) -> set[str]:
    """Of the operations on this path."""
    found: set[str] = set()
    for route in (route for router in routers for route in router.routes):
        if isinstance(route, Route) and route.matches(request.scope)[0] is Match.PARTIAL:
            found |= route.methods or set()
    return found
