"""`POST /v1/cloudevents`: CloudEvents 1.0 over HTTP, structured, binary or batched."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.api.problems import answer_error
from engine.api.routes.ingest import accepted_answer, all_refused
from engine.api.taking import Taking
from engine.api.write_key_door import Handle, body_key, header_key, opened_to_pages
from engine.errors import CadenzaError, Problem, Refused
from engine.services.dead_letters import Letter
from engine.services.events import Batch, Item, Reader, Remark
from engine.services.events.calls import Malformed
from engine.services.events.cloudevents import BATCHED, STRUCTURED, call_of, events_of
from engine.services.write_keys import WriteKeys

MOST_EVENTS: Final = 2_500


class CloudEvents:
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
        known = await self._write_keys.known(body_key(header_key(request)))
        kind = request.headers.get("content-type", "")
        events = events_of(kind, request.headers, await request.body())
        if len(events) > MOST_EVENTS:
            problem = Problem("", "too_many", f"send at most {MOST_EVENTS} at a time")
            raise Refused("The batch was not accepted.", [problem])
        items, refused = _read(Reader(known.source, now, web.max_event_bytes), events)
        if refused:
            self._taking.check_room()
            letters = [
                Letter.of(
                    known.source,
                    "event",
                    [Problem("", one.code, one.message)],
                    events[one.index],
                )
                for one in refused
            ]
            await self._taking.refuse(known.source, letters, now)
            if not items:
                return all_refused(refused, "" if len(events) > 1 else None)
        batch = Batch(tuple(items), tuple(refused))
        accepted = await self._taking.accept(known.source, batch, now, may_merge=known.may_merge)
        return accepted_answer(batch, accepted)


def _read(reader: Reader, events: list[Any]) -> tuple[list[Item], list[Remark]]:
    """What cannot even be a call keeps its place among the others."""
    calls: list[Any] = []
    refused: dict[int, Remark] = {}
    for index, event in enumerate(events):
        try:
            calls.append(call_of(event))
        except Malformed as problem:
            refused[index] = Remark(index, problem.code, problem.message)
            calls.append(None)
    items, more = reader.batch({"batch": calls})
    return items, [refused.get(one.index, one) for one in more]


def cloudevents_router(taking: Taking, write_keys: WriteKeys) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["events"])
    router.add_api_route(
        "/cloudevents",
        CloudEvents(taking, write_keys).door(),
        methods=["POST"],
        operation_id="cloudevents",
        summary="Report events as CloudEvents 1.0",
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {
                    STRUCTURED: {"schema": {"type": "object"}},
                    BATCHED: {"schema": {"type": "array", "items": {"type": "object"}}},
                },
            }
        },
    )
    return router
