"""`POST /v1/{identify,track,page,screen,group,alias,batch}`: Segment's paths and shapes."""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.api.metrics import DoorMetrics
from engine.api.parts import Parts
from engine.api.problems import answer, answer_error
from engine.errors import LimitReached, NotSignedIn, Problem, Refused
from engine.services.events import KINDS, Accepted, Batch, Intake, ItemKind, Reader, Remark, parse
from engine.services.write_keys import WriteKeys

# Requests that may wait for a transaction before 429 tells the rest to come back.
LONGEST_LINE: Final = 500

_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}


class Ingest:
    def __init__(self, parts: Parts, write_keys: WriteKeys, metrics: DoorMetrics) -> None:
        self._parts = parts
        self._write_keys = write_keys
        self._metrics = metrics
        self._intake = Intake(parts.store, parts.settings.drivers.dispatch_partitions)

    async def handle(self, request: Request, kind: ItemKind | None) -> Response:
        """One call of `kind`, or a batch when it is None. Answered when it is committed."""
        try:
            return await self._handle(request, kind)
        except Refused as refusal:
            return answer_error(refusal, refused_as=400)

    async def _handle(self, request: Request, kind: ItemKind | None) -> Response:
        now = self._parts.now()
        key = _basic_key(request)
        source = await self._write_keys.source_of(key) if key is not None else None
        body = parse(await request.body())
        if source is None:
            source = await self._write_keys.source_of(_body_key(body))
        reader = Reader(source, now, self._parts.settings.web.max_event_bytes)
        items, refused = reader.batch(body) if kind is None else reader.single(body, kind)
        self._count_refused(source, refused)
        if refused and not items:
            return _all_refused(refused, kind)
        if self._intake.in_line >= LONGEST_LINE:
            raise LimitReached("Too many requests at once. Send it again.", timedelta(seconds=1))
        batch = Batch(tuple(items), tuple(refused))
        return self._answer(source, batch, await self._intake.accept(batch, now))

    def _answer(self, source: str, batch: Batch, accepted: Accepted) -> Response:
        if accepted.partitions:
            self._parts.pokes.dispatch(accepted.partitions)
        self._metrics.accepted.labels(source).inc(accepted.recorded)
        self._metrics.duplicates.labels(source).inc(accepted.duplicates)
        said: dict[str, Any] = {"success": True}
        if batch.refused:
            said["refused"] = [remark.as_json() for remark in batch.refused]
        if accepted.noted:
            said["noted"] = [remark.as_json() for remark in accepted.noted]
        return Response(orjson.dumps(said), media_type="application/json")

    def _count_refused(self, source: str, refused: list[Remark]) -> None:
        for code, count in Counter(remark.code for remark in refused).items():
            self._metrics.refused.labels(source, code).inc(count)


def ingest_router(parts: Parts, write_keys: WriteKeys, metrics: DoorMetrics) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["events"])
    ingest = Ingest(parts, write_keys, metrics)
    for kind in sorted(KINDS):
        router.add_api_route(
            f"/{kind}",
            _endpoint(ingest, kind),  # type: ignore[arg-type]  # KINDS are the values of ItemKind
            methods=["POST"],
            operation_id=kind,
            openapi_extra=_BODY,
            summary=f"Report one {kind} call",
        )
    router.add_api_route(
        "/batch",
        _endpoint(ingest, None),
        methods=["POST"],
        operation_id="batch",
        openapi_extra=_BODY,
        summary="Report several calls at once",
    )
    return router


def _endpoint(ingest: Ingest, kind: ItemKind | None) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await ingest.handle(request, kind)

    return endpoint


def _basic_key(request: Request) -> str | None:
    """The user name of Basic credentials; the password is empty and not looked at."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        raise NotSignedIn("The Authorization header is not Basic credentials.") from None


def _body_key(body: object) -> str:
    key = body.get("writeKey") if isinstance(body, dict) else None
    if not isinstance(key, str) or not key:
        raise NotSignedIn(
            'No write key. Send it as the user name of Basic credentials or as "writeKey".'
        )
    return key


def _all_refused(refused: list[Remark], kind: ItemKind | None) -> Response:
    problems = [
        Problem(f"/batch/{one.index}" if kind is None else "", one.code, one.message)
        for one in refused
    ]
    return answer(
        400,
        "refused",
        "Nothing was accepted: every item is malformed." if kind is None else problems[0].message,
        problems,
        success=False,
    )
