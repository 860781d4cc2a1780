"""`POST /hooks/in/{source}`: what other systems report, signed as their source says."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
from fastapi import Request
from fastapi.routing import APIRouter
from starlette.responses import Response

from engine.api.json_bodies import read_json
from engine.api.problems import answer, answer_error
from engine.api.signed_hooks import CHALLENGE, content_type_of, hook_router
from engine.api.taking import Taking
from engine.errors import Problem, Refused
from engine.services.dead_letters import Letter
from engine.services.hooks import BadSignature, HookIntake
from engine.services.secrets import SecretBox

# Largest document; the senders we know of stay below a quarter of it.
MOST_BYTES: Final = 262_144
_JSON: Final = ("application/json", "application/cloudevents+json")
_FORM: Final = "application/x-www-form-urlencoded"
_MOST_FIELDS: Final = 500


class Hooks:
    def __init__(self, taking: Taking, box: SecretBox) -> None:
        self._taking = taking
        self._parts = taking.parts
        self._intake = HookIntake(self._parts.store, box, taking.intake)

    async def handle(self, source: str, request: Request) -> Response:
        """Answered when the events are committed. A message that came before is answered the
        same."""
        body, now = await request.body(), self._parts.now()
        try:
            known, identity = await self._intake.known(source, request.headers, body, now)
        except BadSignature as unknown:
            return answer_error(unknown, challenge=CHALLENGE)
        label, kind = f"hook:{known.name}", content_type_of(request)
        if kind not in (*_JSON, _FORM):
            return answer(415, "unknown_type", "Send the document as application/json.")
        self._taking.check_room()
        document: Any = None
        try:
            document = _form(body) if kind == _FORM else read_json(body)
            received = await self._intake.accept(known, identity, document, now)
        except Refused as refusal:
            problems = refusal.problems or (Problem("", refusal.code, refusal.message),)
            given = body if document is None else document
            # of a list, each document that was refused by itself is a letter of its own
            letter = Letter.of(label, "body", problems, given, identity)
            await self._taking.refuse(label, [letter], now)
            return answer_error(refusal, refused_as=400)
        await self._taking.refuse(label, received.letters, now)
        if received.partitions:
            self._parts.pokes.dispatch(received.partitions)
        metrics = self._taking.metrics
        metrics.accepted.labels(label).inc(received.recorded)
        metrics.duplicates.labels(label).inc(received.duplicates)
        said: dict[str, Any] = {"success": True, "duplicate": not received.fresh}
        if received.letters:
            said["refused"] = len(received.letters)
        if received.noted:
            said["noted"] = [one.as_json() for one in received.noted]
        return Response(orjson.dumps(said), media_type="application/json")


def _form(body: bytes) -> dict[str, str]:
    """The fields of a form as a document; the first of each name counts."""
    try:
        pairs = parse_qsl(body.decode("ascii"), max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise Refused("The form was not read. Send fewer fields, in UTF-8.") from error
    return dict(reversed(pairs))


def hooks_router(taking: Taking, box: SecretBox) -> APIRouter:
    return hook_router(
        "/in/{source}",
        Hooks(taking, box).handle,
        operation_id="receive_hook",
        summary="Report what happened, by a signed webhook",
        accepts={"application/json": {"type": "object"}},
    )
