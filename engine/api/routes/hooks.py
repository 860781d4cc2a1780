"""`POST /hooks/in/{source}`: what other systems report, signed as Standard Webhooks has it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.api.json_bodies import read_json
from engine.api.metrics import DoorMetrics
from engine.api.parts import Parts
from engine.api.problems import answer, answer_error
from engine.api.signed_hooks import CHALLENGE, content_type_of, hook_router
from engine.errors import LimitReached, Refused
from engine.services.hooks import BadSignature, HookIntake
from engine.services.secrets import SecretBox

# Largest document; the senders we know of stay below a quarter of it.
MOST_BYTES: Final = 262_144
# Requests that may wait for a transaction before 429 tells the rest to come back.
LONGEST_LINE: Final = 500
_JSON: Final = ("application/json", "application/cloudevents+json")


class Hooks:
    def __init__(self, parts: Parts, box: SecretBox, metrics: DoorMetrics) -> None:
        self._parts = parts
        self._metrics = metrics
        self._intake = HookIntake(parts.store, box, parts.settings.drivers.dispatch_partitions)

    async def handle(self, source: str, request: Request) -> Response:
        """Answered when the event is committed. A message that came before is answered the same."""
        body, now = await request.body(), self._parts.now()
        try:
            known, identity = await self._intake.known(source, request.headers, body, now)
        except BadSignature as unknown:
            return answer_error(unknown, challenge=CHALLENGE)
        label = f"hook:{known.name}"
        if content_type_of(request) not in _JSON:
            return answer(415, "unknown_type", "Send the document as application/json.")
        if self._intake.in_line >= LONGEST_LINE:
            raise LimitReached("Too many requests at once. Send it again.", timedelta(seconds=1))
        try:
            received = await self._intake.accept(known, identity, read_json(body), now)
        except Refused as refusal:
            code = refusal.problems[0].code if refusal.problems else refusal.code
            self._metrics.refused.labels(label, code).inc()
            return answer_error(refusal, refused_as=400)
        if received.partitions:
            self._parts.pokes.dispatch(received.partitions)
        counted = self._metrics.accepted if received.fresh else self._metrics.duplicates
        counted.labels(label).inc()
        said = {"success": True, "duplicate": not received.fresh}
        return Response(orjson.dumps(said), media_type="application/json")


def hooks_router(parts: Parts, box: SecretBox, metrics: DoorMetrics) -> APIRouter:
    return hook_router(
        "/in/{source}",
        Hooks(parts, box, metrics).handle,
        operation_id="receive_hook",
        summary="Report what happened, by a signed webhook",
        accepts={"application/json": {"type": "object"}},
    )
