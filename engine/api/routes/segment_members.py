"""`/api/segments/{name}/...`: who is inside, why, and how that changed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.repeating import IdempotencyKey, answer_of, answer_once
from engine.api.shapes import segments as shapes
from engine.local_time import local_date
from engine.services.api_keys import Caller
from engine.services.idempotency import Answer
from engine.services.segments import looking
from engine.services.segments.editing import ask_recount
from engine.services.segments.lists import Called, Where, add_to_list, remove_from_list

Name = Annotated[str, Path(pattern=shapes.NAME)]
_USUAL_DAYS = timedelta(days=29)
# Nobody was counted before, and a calendar that reaches further is only work.
_FIRST, _LAST = date(2000, 1, 1), date(2200, 1, 1)


def segment_members_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/segments/{name}",
        tags=["segments"],
        route_class=JsonRoute,
        dependencies=ASKS_FOR_KEY,
    )
    zone = parts.settings.company.default_zone

    @router.get("/members", operation_id="list_segment_members", responses=refusals(404))
    async def members(
        name: Name, caller: Calling, limit: Limit = 50, cursor: Cursor = None
    ) -> shapes.MemberPage:
        """Members in order of their contact's number."""
        after = 0 if cursor is None else int(read_cursor(cursor, int)[0])
        async with parts.store.transaction() as session:
            found = await looking.members(session, caller.actor, name, after=after, limit=limit + 1)
        return shapes.MemberPage(
            items=[shapes.Member.model_validate(one) for one in found[:limit]],
            next=cursor_of(found[limit - 1].contact_id) if len(found) > limit else None,
        )

    @router.post(
        "/members",
        operation_id="add_segment_members",
        response_model=shapes.Listed,
        responses=refusals(404, 409),
    )
    async def add(
        name: Name,
        given: shapes.MembersGiven,
        request: Request,
        caller: Calling,
        key: IdempotencyKey = None,
    ) -> Response:
        """Put contacts on a static list. Nobody is made; each that was not on it enters."""
        return await _listed(parts, request, caller, key, name, given, enters=True)

    @router.post(
        "/members/remove",
        operation_id="remove_segment_members",
        response_model=shapes.Listed,
        responses=refusals(404, 409),
    )
    async def remove(
        name: Name,
        given: shapes.MembersGiven,
        request: Request,
        caller: Calling,
        key: IdempotencyKey = None,
    ) -> Response:
        """Take contacts off a static list; each that was on it leaves."""
        return await _listed(parts, request, caller, key, name, given, enters=False)

    @router.get("/counts", operation_id="count_segment_days", responses=refusals(404))
    async def counts(
        name: Name,
        caller: Calling,
        first: Annotated[
            date | None, Query(ge=_FIRST, le=_LAST, description="29 days before `last`.")
        ] = None,
        last: Annotated[
            date | None, Query(ge=_FIRST, le=_LAST, description="Today when left out.")
        ] = None,
    ) -> shapes.Days:
        """Size, and who came and went, day by day."""
        end = last or local_date(parts.now(), zone)
        begin = first or end - _USUAL_DAYS
        async with parts.store.transaction() as session:
            found = await looking.counts_over_time(session, caller.actor, name, begin, end)
        return shapes.Days(days=[shapes.Day.model_validate(one) for one in found])

    @router.get("/overlap", operation_id="overlap_segments", responses=refusals(404))
    async def overlap(
        name: Name,
        caller: Calling,
        other: Annotated[str, Query(pattern=shapes.NAME, description="Another segment.")],
    ) -> shapes.OverlapShown:
        """How many are in this segment alone, in both, and in the other alone."""
        async with parts.store.transaction() as session:
            found = await looking.overlap(session, caller.actor, name, other)
        return shapes.OverlapShown.model_validate(found)

    @router.post(
        "/recount", operation_id="recount_segment", status_code=202, responses=refusals(404, 409)
    )
    async def recount(name: Name, caller: Calling) -> shapes.Recount:
        """Ask for everybody to be looked at again; it happens in the background."""
        async with parts.store.transaction() as session:
            asked = await ask_recount(session, caller.actor, parts.now(), name)
        parts.pokes.segments()
        return shapes.Recount(asked=asked)

    return router


async def _listed(
    parts: Parts,
    request: Request,
    caller: Caller,
    key: str | None,
    name: str,
    given: shapes.MembersGiven,
    *,
    enters: bool,
) -> Response:
    settings = parts.settings
    where = Where(settings.company.default_zone, settings.drivers.dispatch_partitions)
    called = Called(given.emails, given.external_ids, given.contact_ids)
    touched: set[int] = set()

    async def effect(session: AsyncSession) -> Answer:
        change = add_to_list if enters else remove_from_list
        done = await change(session, caller.actor, name, called, where, parts.now())
        touched.update(done.partitions)
        body = shapes.Listed(moved=done.moved, unchanged=done.unchanged, unknown=list(done.unknown))
        return answer_of(200, body)

    answer = await answer_once(request, caller, parts, key, effect)
    if touched:
        parts.pokes.dispatch(touched)
    return answer
