"""`/api/views`: lists as somebody keeps them."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.if_match import IfMatch, quoted, tag_in
from engine.api.json_bodies import JsonRoute
from engine.api.parts import Parts
from engine.api.repeating import IdempotencyKey, answer_of, answer_once
from engine.api.shapes import decisions as shapes
from engine.errors import NotFound
from engine.services import saved_views
from engine.services.actor import Actor, may
from engine.services.idempotency import Answer
from engine.services.saved_views import KeptView
from engine.services.segment_door import ChangedMeanwhile
from engine.services.views.grids import GridRecord, GridState, grid_fields, read_state

Number = Annotated[int, Path(ge=1, le=2**53)]
OfRecord = Annotated[shapes.RecordName, Query(description="Lists of these.")]
_RECORDS: Final[tuple[GridRecord, ...]] = ("contact", "account", "ticket")
_CHANGES: Final = refusals(404, 409, 412, 428)


def views_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/views", tags=["views"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get("", operation_id="list_views", responses=refusals())
    async def list_(record: OfRecord, caller: Calling) -> shapes.ViewList:
        """One's own views of a list, then those that others share; a hundred each at most."""
        async with parts.store.transaction() as session:
            found = await saved_views.list_views(session, caller.actor, record)
        return shapes.ViewList(items=[shapes.ViewShown.model_validate(one) for one in found])

    @router.post(
        "",
        operation_id="create_view",
        status_code=201,
        response_model=shapes.ViewShown,
        responses=refusals(409),
    )
    async def create(
        given: shapes.ViewGiven, request: Request, caller: Calling, key: IdempotencyKey = None
    ) -> Response:
        """Keep a view: `conditions`, `rule`, `search`, `order`, `columns`, as the designer does."""

        async def effect(session: AsyncSession) -> Answer:
            state = await _state(session, caller.actor, given.record, given.document)
            made = await saved_views.keep_view(
                session, caller.actor, given.name, state, shared=given.shared
            )
            seen = await _view(session, caller.actor, made)
            place = {"Location": f"/api/views/{made}"}
            return answer_of(201, shapes.ViewShown.model_validate(seen), _headers(seen) | place)

        return await answer_once(request, caller, parts, key, effect)

    @router.get(
        "/{view_id}",
        operation_id="get_view",
        response_model=shapes.ViewShown,
        responses=refusals(404),
    )
    async def get(view_id: Number, caller: Calling) -> Response:
        """One view, with an ETag."""
        async with parts.store.transaction() as session:
            return _answer(await _view(session, caller.actor, view_id))

    @router.patch(
        "/{view_id}",
        operation_id="change_view",
        response_model=shapes.ViewShown,
        responses=_CHANGES,
    )
    async def change(
        view_id: Number, given: shapes.ViewChange, caller: Calling, if_match: IfMatch = None
    ) -> Response:
        """Call it something else, share it, or let it show something else."""
        tag = tag_in(if_match)
        async with parts.store.transaction() as session:
            seen = await _as_seen(session, caller.actor, view_id, tag)
            state = None
            if given.document is not None:
                state = await _state(session, caller.actor, seen.record, given.document)
            await saved_views.change_view(
                *(session, caller.actor, view_id),
                now=parts.now(),
                revision=seen.revision,
                name=given.name,
                shared=given.shared,
                state=state,
            )
            return _answer(await _view(session, caller.actor, view_id))

    @router.delete("/{view_id}", operation_id="delete_view", status_code=204, responses=_CHANGES)
    async def delete(view_id: Number, caller: Calling, if_match: IfMatch = None) -> None:
        """Remove a view."""
        tag = tag_in(if_match)
        async with parts.store.transaction() as session:
            await _as_seen(session, caller.actor, view_id, tag)
            await saved_views.remove_view(session, caller.actor, view_id)

    return router


async def _state(
    session: AsyncSession, actor: Actor, record: GridRecord, document: object
) -> GridState:
    return read_state(record, document, await grid_fields(session, actor, record))


async def _view(session: AsyncSession, actor: Actor, view_id: int) -> KeptView:
    for record in _RECORDS:
        if may(actor, "read", record):
            for one in await saved_views.list_views(session, actor, record):
                if one.id == view_id:
                    return one
    raise NotFound(f"There is no view {view_id}.")


async def _as_seen(session: AsyncSession, actor: Actor, view_id: int, tag: str) -> KeptView:
    seen = await _view(session, actor, view_id)
    if tag not in ("*", str(seen.revision)):
        raise ChangedMeanwhile(f"The view {view_id} was changed since you read it.")
    return seen


def _headers(view: KeptView) -> dict[str, str]:
    return {"ETag": quoted(str(view.revision))}


def _answer(view: KeptView) -> Response:
    body = shapes.ViewShown.model_validate(view).model_dump_json()
    return Response(body, headers=_headers(view), media_type="application/json")
