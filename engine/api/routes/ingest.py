"""`/v1/...`: Segment's paths and shapes, its browser's single letters among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.api.problems import answer, answer_error
from engine.api.taking import Taking
from engine.api.write_key_door import (
    CROSS_ORIGIN,
    Handle,
    body_key,
    header_key,
    opened_to_pages,
    preflight,
    unpacked,
)
from engine.errors import CadenzaError, NotSignedIn, Problem, Refused
from engine.services.dead_letters import Letter
from engine.services.events import KINDS, Accepted, Batch, ItemKind, Reader, Remark, parse
from engine.services.write_keys import SourceKey, WriteKeys

_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}
# What browsers' clients call the paths, so that blockers of names do not see them.
LETTERS: Final[Mapping[str, ItemKind | None]] = {
    "t": "track",
    "i": "identify",
    "p": "page",
    "s": "screen",
    "g": "group",
    "a": "alias",
    "b": None,
}


class Ingest:
    def __init__(self, taking: Taking, write_keys: WriteKeys) -> None:
        self._taking = taking
        self._parts = taking.parts
        self._write_keys = write_keys

    def door(self, kind: ItemKind | None) -> Handle:
        """One call of `kind`, or a batch when it is None. Answered when it is committed."""

        async def handle(request: Request) -> Response:
            try:
                return await self._handle(request, kind)
            except Refused as refusal:
                return answer_error(refusal, refused_as=400)
            except CadenzaError as error:
                return answer_error(error)

        return opened_to_pages(handle)

    async def _handle(self, request: Request, kind: ItemKind | None) -> Response:
        now = self._parts.now()
        key = header_key(request)
        known = await self._write_keys.known(key) if key is not None else None
        web = self._parts.settings.web
        raw = unpacked(await request.body(), web.max_batch_bytes)
        body = await self._parsed(raw, known, now)
        if known is None:
            given = body.get("writeKey") if isinstance(body, dict) else None
            known = await self._write_keys.known(body_key(given))
        reader = Reader(known.source, now, web.max_event_bytes)
        items, refused = reader.batch(body) if kind is None else reader.single(body, kind)
        if refused:
            self._taking.check_room()
            letters = letters_of(known.source, refused, _calls(body, kind), body)
            await self._taking.refuse(known.source, letters, now)
            if not items:
                return all_refused(refused, "/batch" if kind is None else None)
        batch = Batch(tuple(items), tuple(refused))
        accepted = await self._taking.accept(known.source, batch, now, may_merge=known.may_merge)
        return accepted_answer(batch, accepted)

    async def _parsed(self, raw: bytes, known: SourceKey | None, now: Any) -> Any:
        try:
            return parse(raw)
        except Refused as refusal:
            # of somebody with a key; anybody else's is nobody's loss
            if known is not None and raw:
                problem = Problem("", "bad_json", refusal.message)
                letter = Letter.of(known.source, "body", [problem], raw)
                await self._taking.refuse(known.source, [letter], now)
            raise


def ingest_router(taking: Taking, write_keys: WriteKeys) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["events"])
    ingest = Ingest(taking, write_keys)
    for kind in sorted(KINDS):
        router.add_api_route(
            f"/{kind}",
            ingest.door(kind),  # type: ignore[arg-type]  # KINDS are the values of ItemKind
            methods=["POST"],
            operation_id=kind,
            openapi_extra=_BODY,
            summary=f"Report one {kind} call",
        )
    router.add_api_route(
        "/batch",
        ingest.door(None),
        methods=["POST"],
        operation_id="batch",
        openapi_extra=_BODY,
        summary="Report several calls at once",
    )
    # other names for the same, which need no place in the description
    for letter, one in LETTERS.items():
        router.add_api_route(
            f"/{letter}", ingest.door(one), methods=["POST"], include_in_schema=False
        )
    router.add_api_route("/import", ingest.door(None), methods=["POST"], include_in_schema=False)
    router.add_api_route("/m", _nothing, methods=["POST"], include_in_schema=False)
    router.add_api_route(
        "/projects/{key}/settings",
        _settings(write_keys, taking.parts.public_url),
        methods=["GET"],
        include_in_schema=False,
    )
    router.add_api_route("/{path:path}", preflight, methods=["OPTIONS"], include_in_schema=False)
    return router


def accepted_answer(batch: Batch, accepted: Accepted) -> Response:
    said: dict[str, Any] = {"success": True}
    if batch.refused:
        said["refused"] = [remark.as_json() for remark in batch.refused]
    if accepted.noted:
        said["noted"] = [remark.as_json() for remark in accepted.noted]
    return Response(orjson.dumps(said), media_type="application/json")


def all_refused(refused: list[Remark], place: str | None) -> Response:
    """`place` is of the list; None where one call came alone."""
    problems = [
        Problem("" if place is None else f"{place}/{one.index}", one.code, one.message)
        for one in refused
    ]
    detail = "Nothing was accepted: every item is malformed."
    return answer(
        400,
        "refused",
        problems[0].message if place is None else detail,
        problems,
        success=False,
    )


def letters_of(source: str, refused: list[Remark], calls: list[Any], body: Any) -> list[Letter]:
    """What is needed to read each call again: also when the batch was sent."""
    sent_at = body.get("sentAt") if isinstance(body, dict) else None
    letters = []
    for remark in refused:
        call = calls[remark.index]
        if isinstance(call, dict):
            call = {name: value for name, value in call.items() if name != "writeKey"}
            if sent_at is not None:
                call.setdefault("sentAt", sent_at)
        problem = Problem("", remark.code, remark.message)
        letters.append(Letter.of(source, "call", [problem], call))
    return letters


def _calls(body: Any, kind: ItemKind | None) -> list[Any]:
    if kind is None:
        return list(body["batch"])
    return [{**body, "type": kind} if isinstance(body, dict) else body]


async def _nothing(_: Request) -> Response:
    """Figures of a client about itself; we have our own."""
    return Response(b'{"success":true}', media_type="application/json", headers=CROSS_ORIGIN)


def _settings(write_keys: WriteKeys, public_url: str) -> Handle:
    """What a browser's client asks first: which destinations there are. Only this one."""
    ours = urlsplit(public_url)
    sent_to = {"apiHost": f"{ours.netloc}/v1", "protocol": ours.scheme}

    async def settings(request: Request) -> Response:
        key = str(request.path_params["key"])
        try:
            await write_keys.known(key)
        except NotSignedIn as error:
            return answer_error(error)
        here = {"apiKey": key, "unbundledIntegrations": [], "addBundledMetadata": False, **sent_to}
        said = {
            "integrations": {"Segment.io": here},
            "plan": {"track": {"__default": {"enabled": True, "integrations": {}}}},
            "edgeFunction": {},
            "analyticsNextEnabled": True,
        }
        return Response(orjson.dumps(said), media_type="application/json")

    return opened_to_pages(settings)
