"""Whether the process lives, whether it can work, and what it counts."""

from __future__ import annotations

import hmac
from ipaddress import ip_address

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry
from starlette.responses import JSONResponse, Response

from engine.api.metrics import Standings, exposition
from engine.api.parts import Parts
from engine.errors import NotSignedIn

_KEPT_BY_NOBODY = {"Cache-Control": "no-store"}


def health_router(parts: Parts, registry: CollectorRegistry) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    standings = Standings(parts.store, parts.now)
    registry.register(standings)

    @router.get("/healthz")
    async def healthz() -> Response:
        """The process answers; asks nobody else, so that a restart is only for a dead process."""
        return JSONResponse({"status": "ok"}, headers=_KEPT_BY_NOBODY)

    @router.get("/readyz")
    async def readyz() -> Response:
        """200 when everything we depend on is well, else 503. What is not is for admins: the log
        and the page about the system say it."""
        ready = all((await parts.ready()).values())
        return JSONResponse({"ready": ready}, 200 if ready else 503, headers=_KEPT_BY_NOBODY)

    @router.get("/metrics")
    async def metrics(request: Request) -> Response:
        _may_read(request, parts)
        told = await exposition(registry, standings)
        return Response(told, media_type=CONTENT_TYPE_LATEST, headers=_KEPT_BY_NOBODY)

    return router


def _may_read(request: Request, parts: Parts) -> None:
    """With a token, whoever shows it; without one, this machine. Raises NotSignedIn."""
    wanted = parts.settings.web.metrics_token
    if wanted is None:
        if not _from_here(request):
            raise NotSignedIn("Set METRICS_TOKEN to read the metrics from another machine.")
        return
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    right = hmac.compare_digest(shown.strip().encode(), wanted.get_secret_value().encode())
    if scheme.lower() != "bearer" or not right:
        raise NotSignedIn("Show METRICS_TOKEN as `Authorization: Bearer …`.")


def _from_here(request: Request) -> bool:
    """The caller's own address, which a trusted proxy in between has told. Whoever came through a
    proxy that we do not know is not from here, wherever that proxy stands."""
    if "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return False
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False
