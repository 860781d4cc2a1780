"""`POST /hooks/bounces/{source}`: mail that came back, or what a mail server says of it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Request
from pydantic import Base64Bytes, Field, ValidationError
from starlette.responses import Response

from engine.api.json_bodies import read_json
from engine.api.metrics import DoorMetrics
from engine.api.parts import Parts
from engine.api.problems import answer, answer_error
from engine.api.shapes.common import Given, Moment
from engine.api.signed_hooks import CHALLENGE, content_type_of, hook_router
from engine.channels.bounces import Kind
from engine.channels.bounces.status import failure
from engine.channels.reports import Report, What
from engine.errors import Problem, Refused
from engine.services.bounces import SOURCE, BounceDesk, Counted
from engine.services.events.intake import Intake
from engine.services.feedback import Consequences
from engine.services.hooks import BadSignature, HookIntake
from engine.services.secrets import SecretBox

# A mail that came back with the whole of ours in it; only its beginning is read.
MOST_BYTES: Final = 4_194_304
_MAIL: Final = ("message/rfc822", "application/octet-stream", "text/plain")
_MOST_ITEMS: Final = 1_000
_MOST_MAILS: Final = 100


class BounceSaid(Given):
    """One recipient's. `address` is our envelope sender, by which the message is known."""

    id: Annotated[str, Field(min_length=1, max_length=200, description="The same when sent twice.")]
    address: Annotated[str, Field(max_length=300, description="Our envelope sender of the mail.")]
    action: Annotated[
        str,
        Field(pattern="^(failed|delayed|delivered|complained)$", description="RFC 3464's word."),
    ]
    at: Moment
    status: Annotated[str | None, Field(max_length=20, description="Such as 5.1.1.")] = None
    diagnostic: Annotated[str, Field(max_length=2_000, description="The server's answer.")] = ""


class BouncesSaid(Given):
    """`mails` are whole mails in base64: what is not UTF-8 cannot be signed as it is."""

    items: Annotated[list[BounceSaid], Field(max_length=_MOST_ITEMS)] = []
    mails: Annotated[list[Base64Bytes], Field(max_length=_MOST_MAILS)] = []


class BounceHook:
    def __init__(self, parts: Parts, box: SecretBox, metrics: DoorMetrics) -> None:
        settings = parts.settings
        self._parts = parts
        self._metrics = metrics
        self._known = HookIntake(
            parts.store, box, Intake(parts.store, settings.drivers.dispatch_partitions)
        )
        self._desk = BounceDesk(
            parts.store,
            parts.sender_settings.bounces,
            settings.drivers.dispatch_partitions,
            parts.pokes.dispatch,
            Consequences.of(settings.reports),
        )

    async def handle(self, source: str, request: Request) -> Response:
        body, now = await request.body(), self._parts.now()
        try:
            await self._known.known(source, request.headers, body, now)
        except BadSignature as unknown:
            return answer_error(unknown, challenge=CHALLENGE)
        kind = content_type_of(request)
        if kind in _MAIL:
            return self._told(await self._desk.take([body], now))
        if kind != "application/json":
            return answer(415, "unknown_type", "Send message/rfc822 or application/json.")
        try:
            said = _read(body)
        except Refused as refusal:
            return answer_error(refusal, refused_as=400)
        return self._told(await self._take(said, now))

    async def _take(self, said: BouncesSaid, now: datetime) -> Counted:
        found = [self._report(one) for one in said.items]
        reports = [one for one in found if isinstance(one, Report)]
        kinds = [Kind.REPORT if isinstance(one, Report) else one for one in found]
        fresh = await self._desk.take_reports(reports, now)
        told = Counted({kind: kinds.count(kind) for kind in set(kinds)}, fresh)
        return told + await self._desk.take(said.mails, now)

    def _report(self, one: BounceSaid) -> Report | Kind:
        addresses = self._desk.addresses
        keys = list(addresses.keys_in(one.address)) if addresses else []
        key = next((key for key in keys if key), None)
        if key is None:
            return Kind.FORGED if keys else Kind.NOT_OURS
        what, bounce, code = _WHAT.get(one.action), None, one.status
        if what is None:
            known = failure(one.status, one.diagnostic)
            what, bounce, code = known.bounce.what, known.bounce, known.code
        mark = hashlib.sha256(f"{key}\n{one.id}".encode()).hexdigest()[:40]
        return Report(mark, key, what, one.at, code=code, bounce=bounce)

    def _told(self, counted: Counted) -> Response:
        for kind, count in counted.kinds.items():
            if kind is not Kind.REPORT:
                self._metrics.refused.labels(SOURCE, kind.value).inc(count)
        self._metrics.accepted.labels(SOURCE).inc(counted.fresh)
        repeated = counted.kinds.get(Kind.REPORT, 0) - counted.fresh
        self._metrics.duplicates.labels(SOURCE).inc(max(repeated, 0))
        kinds = {kind.value: count for kind, count in sorted(counted.kinds.items())}
        return Response(
            orjson.dumps({"read": kinds, "new": counted.fresh}), media_type="application/json"
        )


_WHAT: Final = {
    "delayed": What.PUT_OFF,
    "delivered": What.DELIVERED,
    "complained": What.COMPLAINED,
}


def _read(body: bytes) -> BouncesSaid:
    given: Any = read_json(body)
    try:
        return BouncesSaid.model_validate(given)
    except ValidationError as error:
        problems = [
            Problem("/" + "/".join(map(str, one["loc"])), one["type"], one["msg"])
            for one in error.errors(include_url=False, include_input=False)
        ]
        raise Refused("The bounces cannot be read; none was taken.", problems) from error


def bounces_router(parts: Parts, box: SecretBox, metrics: DoorMetrics) -> APIRouter:
    """Signed as `/hooks/in/{source}` is, by the same sources."""
    return hook_router(
        "/bounces/{source}",
        BounceHook(parts, box, metrics).handle,
        operation_id="receive_bounces",
        summary="Hand in mail that came back, by a signed webhook",
        accepts={
            "message/rfc822": {"type": "string", "format": "binary"},
            "application/json": {"type": "object"},
        },
    )
