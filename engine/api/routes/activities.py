"""`/api/activities`: tasks, calls, meetings and notes."""

from __future__ import annotations

import hashlib
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from crm_store.lists.activities import ActivityFilter, ActivityRow
from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.each import each_of
from engine.api.if_match import IfMatch, quoted, tag_in
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.repeating import IdempotencyKey, answer_of
from engine.api.shapes import happenings as shapes
from engine.api.shapes.common import Moment, Outcomes
from engine.api.working_once import work_once
from engine.services import activities
from engine.services.idempotency import Answer
from engine.services.segment_door import ChangedMeanwhile
from engine.services.work import Work

Number = Annotated[int, Path(ge=1, le=2**53)]
Whose = Annotated[int | None, Query(ge=1, le=2**53)]
Open = Annotated[bool | None, Query(description="Tasks to do, or what is done.")]
Due = Annotated[Moment | None, Query(description="Due before then.")]
_CHANGES: Final = refusals(404, 412, 428)


def activities_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/activities",
        tags=["activities"],
        route_class=JsonRoute,
        dependencies=ASKS_FOR_KEY,
    )

    @router.get("", operation_id="list_activities", responses=refusals())
    async def list_(
        caller: Calling,
        kind: shapes.Kind | None = None,
        owner_id: Whose = None,
        contact_id: Whose = None,
        account_id: Whose = None,
        deal_id: Whose = None,
        ticket_id: Whose = None,
        open_: Annotated[bool | None, Query(alias="open")] = None,
        due_before: Due = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> shapes.ActivityPage:
        """Tasks, calls, meetings and notes, the newest first. `open=true` are tasks to do."""
        before = None if cursor is None else int(read_cursor(cursor, int)[0])
        wanted = ActivityFilter(
            *(kind, owner_id, contact_id, account_id, deal_id, ticket_id, open_, due_before)
        )
        async with parts.store.transaction() as session:
            found = await activities.list_activities(
                session, caller.actor, wanted, before=before, limit=limit + 1
            )
        return shapes.ActivityPage(
            items=[shapes.ActivityShown.model_validate(one) for one in found[:limit]],
            next=cursor_of(found[limit - 1].id) if len(found) > limit else None,
        )

    @router.post(
        "",
        operation_id="create_activity",
        status_code=201,
        response_model=shapes.ActivityShown,
        responses=refusals(404),
    )
    async def create(
        given: shapes.ActivityGiven, request: Request, caller: Calling, key: IdempotencyKey = None
    ) -> Response:
        """Set a task, or write down a call, a meeting or a note."""

        async def deed(work: Work) -> Answer:
            made = await activities.add_activity(work, caller.actor, _new(given))
            row = await activities.show_activity(work.session, caller.actor, made)
            place = {"Location": f"/api/activities/{made}"}
            return answer_of(201, shapes.ActivityShown.model_validate(row), _headers(row) | place)

        return await work_once(request, caller, parts, key, deed)

    @router.post(
        "/bulk", operation_id="create_activities", response_model=Outcomes, responses=refusals()
    )
    async def bulk(
        given: shapes.ManyActivitiesGiven,
        request: Request,
        caller: Calling,
        key: IdempotencyKey = None,
    ) -> Response:
        """Write down up to 100; each is done or refused for itself."""

        async def deed(work: Work) -> Answer:
            async def one(item: shapes.ActivityGiven) -> int:
                return await activities.add_activity(work, caller.actor, _new(item))

            outcomes = await each_of(work, given.items, one)
            return answer_of(200, Outcomes(items=outcomes))

        return await work_once(request, caller, parts, key, deed)

    @router.get(
        "/{activity_id}",
        operation_id="get_activity",
        response_model=shapes.ActivityShown,
        responses=refusals(404),
    )
    async def get(activity_id: Number, caller: Calling) -> Response:
        """One of them, with an ETag."""
        async with parts.store.transaction() as session:
            row = await activities.show_activity(session, caller.actor, activity_id)
        body = shapes.ActivityShown.model_validate(row).model_dump_json()
        return Response(body, headers=_headers(row), media_type="application/json")

    @router.patch(
        "/{activity_id}",
        operation_id="change_activity",
        response_model=shapes.ActivityShown,
        responses=_CHANGES,
    )
    async def change(
        activity_id: Number,
        given: shapes.ActivityChange,
        request: Request,
        caller: Calling,
        if_match: IfMatch = None,
        key: IdempotencyKey = None,
    ) -> Response:
        """Change it, or close a task."""
        tag = tag_in(if_match)
        asked = activities.ActivityChange(given.said())

        async def deed(work: Work) -> Answer:
            seen = await activities.show_activity(work.session, caller.actor, activity_id)
            if tag not in ("*", _tag(seen)):
                raise ChangedMeanwhile(f"Activity {activity_id} was changed since you read it.")
            await activities.change_activity(work, caller.actor, activity_id, asked)
            row = await activities.show_activity(work.session, caller.actor, activity_id)
            return answer_of(200, shapes.ActivityShown.model_validate(row), _headers(row))

        return await work_once(request, caller, parts, key, deed)

    return router


def _new(given: shapes.ActivityGiven) -> activities.ActivityGiven:
    return activities.ActivityGiven(**given.model_dump())


def _tag(row: ActivityRow) -> str:
    text = repr((row.subject, row.body, row.owner_id, row.due_at, row.done_at))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _headers(row: ActivityRow) -> dict[str, str]:
    return {"ETag": quoted(_tag(row))}
