"""`/api/notices`: what the person of the key was told, and how they want to be told."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.shapes import notices as shapes
from engine.services.notices import list_notices, read_notices, unread_notices
from engine.services.telling import NoticeWay, Urgency, list_ways, set_ways

Unread = Annotated[bool, Query(description="Only what they have not marked as read.")]


def notices_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/notices", tags=["people"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get("", operation_id="list_notices", responses=refusals())
    async def list_(
        caller: Calling, unread: Unread = False, limit: Limit = 50, cursor: Cursor = None
    ) -> shapes.NoticePage:
        """Your own notices, the newest first."""
        before = None if cursor is None else int(read_cursor(cursor, int)[0])
        async with parts.store.transaction() as session:
            found = await list_notices(
                session, caller.actor, before=before, unread=unread, limit=limit + 1
            )
            waiting = await unread_notices(session, caller.actor)
        return shapes.NoticePage(
            items=[shapes.NoticeShown.model_validate(one._asdict()) for one in found[:limit]],
            next=cursor_of(found[limit - 1].id) if len(found) > limit else None,
            unread=waiting,
        )

    @router.post("/read", operation_id="read_notices", responses=refusals())
    async def read(given: shapes.NoticesRead, caller: Calling) -> shapes.MarkedRead:
        """Mark your own notices as read; twice is once."""
        async with parts.store.transaction() as session:
            marked = await read_notices(
                session, caller.actor, given.ids, parts.now(), until=given.until
            )
        return shapes.MarkedRead(marked=marked)

    @router.get("/ways", operation_id="list_notice_ways", responses=refusals())
    async def ways(caller: Calling) -> shapes.WayList:
        """How you are told, by urgency; by mail where you chose nothing."""
        async with parts.store.transaction() as session:
            found = await list_ways(session, caller.actor)
        return shapes.WayList(
            items=[
                shapes.WaysShown(
                    urgency=urgency,
                    ways=[
                        shapes.WayShown.model_validate(one)
                        for one in found.get(urgency, [NoticeWay("default")])
                    ],
                )
                for urgency in Urgency
            ]
        )

    @router.put(
        "/ways/{urgency}", operation_id="put_notice_ways", status_code=204, responses=refusals(404)
    )
    async def put_ways(urgency: Urgency, given: shapes.WaysGiven, caller: Calling) -> None:
        """Say how you are told things of an urgency; no ways at all: by mail."""
        chosen = [NoticeWay(one.channel, one.address) for one in given.ways]
        async with parts.store.transaction() as session:
            await set_ways(session, caller.actor, parts.channel, urgency, chosen)

    return router
