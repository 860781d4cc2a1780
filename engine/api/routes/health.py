"""Whether the process lives, whether it can work, and what it counts."""

from __future__ import annotations

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.responses import JSONResponse, Response

from engine.api.parts import Parts


def health_router(parts: Parts, registry: CollectorRegistry) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/healthz")
    async def healthz() -> Response:
        """The process answers; asks nobody else, so that a restart is only for a dead process."""
        return JSONResponse({"status": "ok"})

    @router.get("/readyz")
    async def readyz() -> Response:
        """200 when everything we depend on answers, else 503 naming what does not."""
        parts_ready = await parts.ready()
        ready = all(parts_ready.values())
        return JSONResponse({"ready": ready, **parts_ready}, 200 if ready else 503)

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router
