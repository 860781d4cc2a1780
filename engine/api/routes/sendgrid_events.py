"""`POST /hooks/sendgrid`: SendGrid's event webhook."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.api.calling import refusals
from engine.api.metrics import DoorMetrics
from engine.api.parts import Parts
from engine.api.problems import answer
from engine.channels.sendgrid_events import (
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    SignedEvents,
    reports_in,
)
from engine.services.feedback import Consequences, take_in

# SendGrid collects events for a request until they are about 768 KB.
MOST_BYTES: Final = 1_572_864
SOURCE: Final = "sendgrid"


def sendgrid_events_router(parts: Parts, metrics: DoorMetrics) -> APIRouter:
    """Nobody is believed while SENDGRID_WEBHOOK_KEYS is empty."""
    router = APIRouter(prefix="/hooks", tags=["events"])
    consequences = Consequences.of(parts.settings.reports)
    signed = SignedEvents(parts.settings.sendgrid.webhook_keys())

    async def receive(request: Request) -> Response:
        body, now = await request.body(), parts.now()
        headers = request.headers
        given = headers.get(SIGNATURE_HEADER, ""), headers.get(TIMESTAMP_HEADER, "")
        if not signed.believes(*given, body, now):
            return answer(403, "bad_signature", "This request is not signed by a key we know.")
        try:
            reports = reports_in(body)
        except ValueError:
            return answer(400, "bad_json", "Send an array of events as JSON.")
        partitions = parts.settings.drivers.dispatch_partitions
        taken = await take_in(
            parts.store,
            SOURCE,
            reports,
            partitions=partitions,
            now=now,
            consequences=consequences,
        )
        if taken.partitions:
            parts.pokes.dispatch(taken.partitions)
        metrics.accepted.labels(SOURCE).inc(taken.fresh)
        metrics.duplicates.labels(SOURCE).inc(len(reports) - taken.fresh)
        return Response(status_code=200)

    router.add_api_route(
        "/sendgrid",
        receive,
        methods=["POST"],
        operation_id="receive_sendgrid_events",
        summary="Take SendGrid's signed events",
        responses=refusals(),
    )
    return router
