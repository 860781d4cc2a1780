"""`/batch/`, `/capture/`, `/e/`, `/i/v0/e/`: where PostHog's clients send to."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import Any, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.api.problems import answer_error
from engine.api.routes.ingest import accepted_answer, all_refused, letters_of
from engine.api.taking import Taking
from engine.api.write_key_door import Handle, body_key, opened_to_pages, preflight, unpacked
from engine.errors import CadenzaError, Problem, Refused
from engine.services.events import Batch, Reader, parse
from engine.services.events.posthog import call_of, captures_of, key_of
from engine.services.write_keys import WriteKeys

PATHS: Final = ("/batch", "/capture", "/e", "/track", "/i/v0/e")


class PostHog:
    def __init__(self, taking: Taking, write_keys: WriteKeys) -> None:
        self._taking = taking
        self._parts = taking.parts
        self._write_keys = write_keys

    def door(self) -> Handle:
        async def handle(request: Request) -> Response:
            try:
                return await self._handle(request)
            except Refused as refusal:
                return answer_error(refusal, refused_as=400)
            except CadenzaError as error:
                return answer_error(error)

        return opened_to_pages(handle)

    async def _handle(self, request: Request) -> Response:
        now, web = self._parts.now(), self._parts.settings.web
        raw = unpacked(await request.body(), web.max_batch_bytes)
        body = parse(_from_form(raw, request))
        known = await self._write_keys.known(body_key(key_of(body)))
        captures, sent_at = captures_of(body)
        calls = [call for one in captures if (call := call_of(one, now)) is not None]
        reader = Reader(known.source, now, web.max_event_bytes)
        document: dict[str, Any] = {"batch": calls, "sentAt": sent_at}
        items, refused = reader.batch(document)
        if refused:
            self._taking.check_room()
            letters = letters_of(known.source, refused, calls, document)
            await self._taking.refuse(known.source, letters, now)
            if not items:
                return all_refused(refused, "/batch")
        batch = Batch(tuple(items), tuple(refused))
        accepted = await self._taking.accept(known.source, batch, now, may_merge=known.may_merge)
        return accepted_answer(batch, accepted)


def _from_form(raw: bytes, request: Request) -> bytes:
    """A browser that leaves a page sends JSON in base64, as the field of a form."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded" or not raw.startswith(b"data="):
        return raw
    try:
        fields = parse_qs(raw.decode("ascii"), max_num_fields=20)
        given = fields.get("data", [""])[0]
        # a plus that was not escaped came as a space
        return b64decode(given.replace(" ", "+"), validate=True)
    except (ValueError, binascii.Error) as error:
        problem = Problem("", "bad_form", "the field data is JSON in base64")
        raise Refused("The form was not read.", [problem]) from error


def posthog_router(taking: Taking, write_keys: WriteKeys) -> APIRouter:
    router = APIRouter(tags=["events"])
    door = PostHog(taking, write_keys).door()
    for path in PATHS:
        described = path == "/batch"
        # its clients end the path with a slash, and follow no redirect with their body
        router.add_api_route(
            f"{path}/",
            door,
            methods=["POST"],
            operation_id="posthog_batch" if described else None,
            summary="Report events as PostHog's clients do" if described else None,
            include_in_schema=described,
            openapi_extra={
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"type": "object"}}},
                }
            },
        )
        router.add_api_route(path, door, methods=["POST"], include_in_schema=False)
        router.add_api_route(f"{path}/", preflight, methods=["OPTIONS"], include_in_schema=False)
    return router
