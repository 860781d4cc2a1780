"""`/api/segments`: saved rules and static lists."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from crm_store.models import SegmentKind
from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.if_match import IfMatch, quoted, tag_in
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.repeating import IdempotencyKey, answer_of, answer_once
from engine.api.shapes import segments as shapes
from engine.services import segment_door as door
from engine.services.idempotency import Answer
from engine.services.segments.editing import Edit, NewSegment
from engine.services.segments.looking import list_segments

Name = Annotated[str, Path(pattern=shapes.NAME)]


def segments_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/segments", tags=["segments"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get("", operation_id="list_segments", responses=refusals())
    async def list_(
        caller: Calling, limit: Limit = 50, cursor: Cursor = None
    ) -> shapes.SegmentPage:
        """All segments by name, with their sizes."""
        after = "" if cursor is None else str(read_cursor(cursor, str)[0])
        async with parts.store.transaction() as session:
            found = await list_segments(session, caller.actor)
        rest = [one for one in found if one.name > after]
        return shapes.SegmentPage(
            items=[shapes.SegmentLine.model_validate(one) for one in rest[:limit]],
            next=cursor_of(rest[limit - 1].name) if len(rest) > limit else None,
        )

    @router.post(
        "",
        operation_id="create_segment",
        status_code=201,
        response_model=shapes.SegmentShown,
        responses=refusals(409),
    )
    async def create(
        given: shapes.SegmentGiven, request: Request, caller: Calling, key: IdempotencyKey = None
    ) -> Response:
        """Save a segment. Its members are counted in the background; `state` says when."""
        new = NewSegment(**given.model_dump(exclude={"kind"}), kind=SegmentKind(given.kind))

        async def effect(session: AsyncSession) -> Answer:
            seen = await door.create(session, caller.actor, new, parts.now())
            return answer_of(201, _shown(seen), _headers(seen) | _location(new.name))

        answer = await answer_once(request, caller, parts, key, effect)
        parts.pokes.segments()
        return answer

    @router.get(
        "/{name}",
        operation_id="get_segment",
        response_model=shapes.SegmentShown,
        responses=refusals(404),
    )
    async def get(name: Name, caller: Calling) -> Response:
        """One segment; its ETag stands for what can be edited in it."""
        async with parts.store.transaction() as session:
            seen = await door.see(session, caller.actor, name)
        return _answer(seen)

    @router.patch(
        "/{name}",
        operation_id="change_segment",
        response_model=shapes.SegmentShown,
        responses=refusals(404, 409, 412, 428),
    )
    async def change(
        name: Name, given: shapes.SegmentChange, caller: Calling, if_match: IfMatch = None
    ) -> Response:
        """Change words or rule. Another rule makes members come and go, and tells flows so."""
        tag, edit = tag_in(if_match), Edit(given.label, given.label_zh, given.rule)
        async with parts.store.transaction() as session:
            seen = await door.edit(session, caller.actor, name, edit, parts.now(), tag)
        parts.pokes.segments()
        return _answer(seen)

    @router.delete(
        "/{name}",
        operation_id="delete_segment",
        status_code=204,
        responses=refusals(404, 409, 412, 428),
    )
    async def delete(name: Name, caller: Calling, if_match: IfMatch = None) -> None:
        """Remove a segment that no rule names any more. Its members leave without an event."""
        tag = tag_in(if_match)
        async with parts.store.transaction() as session:
            await door.delete(session, caller.actor, name, tag)

    return router


def _shown(seen: door.Seen) -> shapes.SegmentShown:
    detail, one = seen.detail, seen.detail.summary
    return shapes.SegmentShown(
        **shapes.SegmentLine.model_validate(one).model_dump(),
        rule=detail.rule,
        used_by=shapes.Users(
            segments=list(detail.used_by.segments),
            flows=list(detail.used_by.flows),
            unnamed_flows=detail.used_by.unnamed_flows,
        ),
        created_at=detail.created_at,
        updated_at=detail.updated_at,
    )


def _answer(seen: door.Seen) -> Response:
    body = _shown(seen).model_dump_json()
    return Response(body, headers=_headers(seen), media_type="application/json")


def _headers(seen: door.Seen) -> dict[str, str]:
    return {"ETag": quoted(seen.tag)}


def _location(name: str) -> dict[str, str]:
    return {"Location": f"/api/segments/{name}"}
