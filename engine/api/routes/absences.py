"""`/api/absences`: who is away when, and who acts for them."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.places import item_of
from engine.api.shapes import people as shapes
from engine.api.shapes.common import Moment, ProblemItem
from engine.errors import Problem, Refused
from engine.services.actor import Actor
from engine.services.organisation import absences

Number = Annotated[int, Path(ge=1, le=2**53)]
Person = Annotated[int | None, Query(ge=1, le=2**53, description="Only of this person.")]
Since = Annotated[
    Moment | None, Query(description="Absences that end after this; without it, after now.")
]
_MADE: Final[dict[int | str, dict[str, Any]]] = {
    201: {"model": shapes.AbsenceSaved, "description": "Entered"}
}


def absences_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/absences", tags=["people"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get("", operation_id="list_absences", responses=refusals())
    async def list_(
        caller: Calling,
        user_id: Person = None,
        since: Since = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> shapes.AbsencePage:
        """Absences in the order in which they were entered."""
        after = 0 if cursor is None else int(read_cursor(cursor, int)[0])
        async with parts.store.transaction() as session:
            found = await absences.list_absences(
                session,
                caller.actor,
                since=since or parts.now(),
                user_id=user_id,
                after_id=after,
                limit=limit + 1,
            )
        return shapes.AbsencePage(
            items=[shapes.AbsenceShown.model_validate(one) for one in found[:limit]],
            next=cursor_of(found[limit - 1].id) if len(found) > limit else None,
        )

    @router.post(
        "",
        operation_id="add_absence",
        status_code=201,
        responses=refusals(409) | _MADE,
    )
    async def add(given: shapes.AbsenceGiven, caller: Calling) -> shapes.AbsenceSaved:
        """Enter an absence. 409: they are away already in that time."""
        async with parts.store.transaction() as session:
            away = _given(given, caller.actor)
            saved = await absences.add_absence(session, caller.actor, away, parts.now())
        parts.pokes.clocks()
        return _saved(saved)

    @router.put("/{absence_id}", operation_id="put_absence", responses=refusals(404, 409))
    async def put(
        absence_id: Number, given: shapes.AbsenceGiven, caller: Calling
    ) -> shapes.AbsenceSaved:
        """Replace times, deputy and note."""
        async with parts.store.transaction() as session:
            saved = await absences.change_absence(
                session, caller.actor, absence_id, _given(given, caller.actor), parts.now()
            )
        parts.pokes.clocks()
        return _saved(saved)

    @router.delete(
        "/{absence_id}", operation_id="delete_absence", status_code=204, responses=refusals(404)
    )
    async def delete(absence_id: Number, caller: Calling) -> None:
        """They are there after all."""
        async with parts.store.transaction() as session:
            await absences.cancel_absence(session, caller.actor, absence_id, parts.now())
        parts.pokes.clocks()

    return router


def _given(given: shapes.AbsenceGiven, actor: Actor) -> absences.AbsenceGiven:
    user_id = given.user_id if given.user_id is not None else actor.id
    if user_id is None:
        problem = Problem("/user_id", "missing", "say who is away.")
        raise Refused("The absence was not entered.", [problem])
    return absences.AbsenceGiven(
        user_id, given.starts_at, given.ends_at, given.deputy_id, given.note
    )


def _saved(saved: absences.AbsenceSaved) -> shapes.AbsenceSaved:
    warnings = [ProblemItem.model_validate(item_of(one)) for one in saved.warnings]
    return shapes.AbsenceSaved(id=saved.id, warnings=warnings)
