"""`/api/calendars`: when people work."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path
from starlette.responses import Response

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.if_match import IfMatch, PreconditionRequired, quoted, tag_in
from engine.api.json_bodies import JsonRoute
from engine.api.parts import Parts
from engine.api.shapes import decisions as shapes
from engine.services.calendars import editing
from engine.services.segment_door import ChangedMeanwhile

Name = Annotated[str, Path(pattern=shapes.NAME)]


def calendars_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/calendars", tags=["people"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get("", operation_id="list_calendars", responses=refusals())
    async def list_(caller: Calling) -> shapes.CalendarList:
        """All calendars, the default one first."""
        async with parts.store.transaction() as session:
            found = await editing.list_calendars(session, caller.actor)
        return shapes.CalendarList(items=[_shown(one) for one in found])

    @router.get(
        "/{name}",
        operation_id="get_calendar",
        response_model=shapes.CalendarShown,
        responses=refusals(404),
    )
    async def get(name: Name, caller: Calling) -> Response:
        """One calendar, with an ETag."""
        async with parts.store.transaction() as session:
            return _answer(await editing.get_calendar(session, caller.actor, name))

    @router.put(
        "/{name}",
        operation_id="put_calendar",
        response_model=shapes.CalendarShown,
        responses=refusals(404, 409, 412, 428),
    )
    async def put(
        name: Name, given: shapes.CalendarGiven, caller: Calling, if_match: IfMatch = None
    ) -> Response:
        """Make a calendar, or replace the one that If-Match names. Runs that wait keep their
        moment; open deals, tickets, approvals and cases count anew."""
        new = editing.NewCalendar(name=name, **given.model_dump())
        async with parts.store.transaction() as session:
            await editing.put_calendar(
                session, caller.actor, new, parts.now(), look=partial(_as_seen, name, if_match)
            )
            answer = _answer(await editing.get_calendar(session, caller.actor, name))
        parts.pokes.clocks()
        return answer

    return router


def _as_seen(name: str, if_match: str | None, before: Any) -> None:
    """Raises PreconditionRequired and ChangedMeanwhile."""
    if before is None:
        return
    if if_match is None:
        raise PreconditionRequired(f'There is a calendar "{name}": send its ETag as If-Match.')
    if tag_in(if_match) not in ("*", _tag(before)):
        raise ChangedMeanwhile(f'The calendar "{name}" was changed since you read it.')


def _shown(row: Any) -> shapes.CalendarShown:
    return shapes.CalendarShown.model_validate(row)


def _tag(row: Any) -> str:
    body = orjson.dumps(_shown(row).model_dump(), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(body).hexdigest()[:32]


def _answer(row: Any) -> Response:
    body = _shown(row).model_dump_json()
    return Response(body, headers={"ETag": quoted(_tag(row))}, media_type="application/json")
