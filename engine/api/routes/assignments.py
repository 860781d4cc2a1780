"""`/api/assignments` and `/api/assignment-queue`: who gets a record, and what waits for somebody.

The rules themselves are definitions (`/api/definitions`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.repeating import IdempotencyKey, answer_of
from engine.api.shapes import assignments as shapes
from engine.api.working_once import work_once
from engine.services.assigning.rules import Assigned, assign_now, try_rules
from engine.services.assigning.waiting import look_at_queue
from engine.services.idempotency import Answer
from engine.services.work import Work, working

Name = Annotated[str, Path(pattern=shapes.NAME)]
Kind = Annotated[shapes.Record | None, Query(description="Only of this kind.")]


def assignments_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api", tags=["assignments"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.post("/assignments/{name}/try", operation_id="try_assignment", responses=refusals(404))
    async def try_(name: Name, given: shapes.RecordsGiven, caller: Calling) -> shapes.AssignedList:
        """Who would get these records now, and why. Nothing is changed."""
        async with working(parts.store, parts.shared, parts.pokes, parts.now()) as work:
            found = await try_rules(work, caller.actor, name, given.kind, given.ids)
        return _shown(found)

    @router.post(
        "/assignments/{name}/assign",
        operation_id="assign",
        response_model=shapes.AssignedList,
        responses=refusals(404, 409),
    )
    async def assign(
        name: Name,
        given: shapes.RecordsGiven,
        request: Request,
        caller: Calling,
        key: IdempotencyKey = None,
    ) -> Response:
        """Give these records to whoever the rules choose. What nobody can take waits in the queue,
        and somebody is told."""

        async def act(work: Work) -> Answer:
            found = await assign_now(work, caller.actor, name, given.kind, given.ids)
            return answer_of(200, _shown(found))

        return await work_once(request, caller, parts, key, act)

    @router.get("/assignment-queue", operation_id="list_assignment_queue", responses=refusals())
    async def queue(
        caller: Calling, kind: Kind = None, limit: Limit = 50, cursor: Cursor = None
    ) -> shapes.WaitingPage:
        """Records that nobody can take just now, in the order in which they came."""
        after = 0 if cursor is None else int(read_cursor(cursor, int)[0])
        async with parts.store.transaction() as session:
            found = await look_at_queue(
                session, caller.actor, after=after, limit=limit + 1, kind=kind
            )
        return shapes.WaitingPage(
            items=[
                shapes.WaitingShown(**{**one._asdict(), "tried": one.why.get("tried", [])})
                for one in found[:limit]
            ],
            next=cursor_of(found[limit - 1].id) if len(found) > limit else None,
        )

    return router


def _shown(found: Mapping[int, Assigned]) -> shapes.AssignedList:
    return shapes.AssignedList(
        items=[
            shapes.AssignedShown(
                id=id_,
                user_id=one.user_id,
                kept=one.why.get("kept", False),
                tried=one.why.get("tried", []),
            )
            for id_, one in sorted(found.items())
        ]
    )
