"""`/api/sessions`: where people are signed in, and ending it there."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.shapes import access as shapes
from engine.services.sessions.of_others import end_session, end_sessions_of, list_sessions

Number = Annotated[int, Path(ge=1, le=2**53)]
Person = Annotated[int | None, Query(ge=1, le=2**53, description="Only this person's.")]


def sessions_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api", tags=["people"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get("/sessions", operation_id="list_sessions", responses=refusals(404))
    async def list_(
        caller: Calling, user_id: Person = None, limit: Limit = 50, cursor: Cursor = None
    ) -> shapes.SessionPage:
        """Sign-ins that last, the one begun last first."""
        before = None if cursor is None else int(read_cursor(cursor, int)[0])
        async with parts.store.transaction() as session:
            found = await list_sessions(
                session,
                caller.actor,
                parts.now(),
                user_id=user_id,
                before=before,
                limit=limit + 1,
            )
        return shapes.SessionPage(
            items=[shapes.SessionShown.model_validate(one) for one in found[:limit]],
            next=cursor_of(found[limit - 1].id) if len(found) > limit else None,
        )

    @router.delete(
        "/sessions/{session_id}",
        operation_id="end_session",
        status_code=204,
        responses=refusals(404),
    )
    async def end(session_id: Number, caller: Calling) -> None:
        """Pages open there go to the sign-in page within seconds."""
        async with parts.store.transaction() as session:
            await end_session(session, caller.actor, session_id)

    @router.delete(
        "/people/{user_id}/sessions", operation_id="end_person_sessions", responses=refusals(404)
    )
    async def end_all(user_id: Number, caller: Calling) -> shapes.Ended:
        """End every sign-in of somebody."""
        async with parts.store.transaction() as session:
            return shapes.Ended(ended=await end_sessions_of(session, caller.actor, user_id))

    return router
