"""`/api/deals`: deals, and moving them from stage to stage."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from crm_store.lists.deals import DealFilter
from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.deal_words import history_shown, line_shown, move_shown, seen_shown
from engine.api.if_match import IfMatch, quoted, tag_in
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.repeating import IdempotencyKey, answer_of
from engine.api.shapes import deals as shapes
from engine.api.working_once import work_once
from engine.services.deals import WantedMove, move_deal, move_deals
from engine.services.deals.editing import NewDeal, create_deal, edit_deal
from engine.services.deals.reading import deal_history, list_deals, show_deal
from engine.services.deals.refusing import made_or_refused
from engine.services.idempotency import Answer
from engine.services.work import Work

DealId = Annotated[int, Path(ge=1, le=2**62)]
_Key = Annotated[str | None, Query(pattern=shapes.KEY)]
_Id = Annotated[int | None, Query(ge=1, le=2**62)]
_Name = Annotated[str | None, Query(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


def deals_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/deals", tags=["deals"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get("", operation_id="list_deals", responses=refusals())
    async def list_(
        caller: Calling,
        limit: Limit = 50,
        cursor: Cursor = None,
        pipeline: _Key = None,
        stage: _Key = None,
        kind: Literal["open", "won", "lost"] | None = None,
        owner_id: _Id = None,
        contact_id: _Id = None,
        account_id: _Id = None,
        name: _Name = None,
    ) -> shapes.DealPage:
        """Deals, the newest first. `name` is a part of their name."""
        before = None if cursor is None else int(read_cursor(cursor, int)[0])
        wanted = DealFilter(pipeline, stage, kind, owner_id, contact_id, account_id, name)
        async with parts.store.transaction() as session:
            found = await list_deals(session, caller.actor, wanted, before=before, limit=limit + 1)
        more = len(found) > limit
        return shapes.DealPage(
            items=[line_shown(one) for one in found[:limit]],
            next=cursor_of(found[limit - 1].id) if more else None,
        )

    @router.post(
        "",
        operation_id="create_deal",
        status_code=201,
        response_model=shapes.DealShown,
        responses=refusals(409),
    )
    async def create(
        given: shapes.DealGiven, request: Request, caller: Calling, key: IdempotencyKey = None
    ) -> Response:
        """Make a deal. Its owner is the caller unless another is named."""
        new = NewDeal(given.fields.said(), given.pipeline, given.stage)

        async def deed(work: Work) -> Answer:
            id_ = await create_deal(work, caller.actor, new)
            seen = await show_deal(work, caller.actor, id_)
            headers = {"ETag": quoted(seen.tag), "Location": f"/api/deals/{id_}"}
            return answer_of(201, seen_shown(seen), headers)

        return await work_once(request, caller, parts, key, deed)

    @router.post(
        "/moves",
        operation_id="move_deals",
        response_model=shapes.ManyMovesShown,
        responses=refusals(),
    )
    async def move_many(
        given: shapes.ManyMovesGiven, request: Request, caller: Calling, key: IdempotencyKey = None
    ) -> Response:
        """Move several deals to one stage; each has an answer of its own."""
        fields = given.fields.said()
        wanted = [WantedMove(id_, given.to, fields, given.lost_reason) for id_ in given.deal_ids]

        async def deed(work: Work) -> Answer:
            answers = await move_deals(work, caller.actor, wanted, via="api")
            ids = dict.fromkeys(given.deal_ids)
            items = [move_shown(id_, answers.get(id_)) for id_ in ids]
            return answer_of(200, shapes.ManyMovesShown(items=items))

        return await work_once(request, caller, parts, key, deed)

    @router.get(
        "/{deal_id}",
        operation_id="get_deal",
        response_model=shapes.DealShown,
        responses=refusals(404),
    )
    async def get(deal_id: DealId, caller: Calling) -> Response:
        """One deal, with the moves open to the caller; its ETag stands for what can be edited."""
        async with parts.store.transaction() as session:
            work = Work(session, parts.now(), parts.shared)
            seen = await show_deal(work, caller.actor, deal_id)
        body = seen_shown(seen).model_dump_json()
        return Response(body, headers={"ETag": quoted(seen.tag)}, media_type="application/json")

    @router.patch(
        "/{deal_id}",
        operation_id="change_deal",
        response_model=shapes.DealShown,
        responses=refusals(404, 409, 412, 428),
    )
    async def change(
        deal_id: DealId,
        given: shapes.DealChange,
        request: Request,
        caller: Calling,
        if_match: IfMatch = None,
    ) -> Response:
        """Change fields of a deal; its stage changes by a move alone."""
        tag = tag_in(if_match)

        async def deed(work: Work) -> Answer:
            await edit_deal(work, caller.actor, deal_id, given.fields.said(), seen=tag)
            seen = await show_deal(work, caller.actor, deal_id)
            return answer_of(200, seen_shown(seen), {"ETag": quoted(seen.tag)})

        return await work_once(request, caller, parts, None, deed)

    @router.post(
        "/{deal_id}/move",
        operation_id="move_deal",
        response_model=shapes.MoveShown,
        responses=refusals(404, 409),
    )
    async def move(
        deal_id: DealId,
        given: shapes.MoveGiven,
        request: Request,
        caller: Calling,
        key: IdempotencyKey = None,
    ) -> Response:
        """Move a deal to another stage. It is refused with every reason and its place in what was
        sent, and with 409 where the deal stands elsewhere by now. A move that needs an approval
        waits for it."""

        async def deed(work: Work) -> Answer:
            answer = await move_deal(
                work,
                caller.actor,
                deal_id,
                given.to,
                fields=given.fields.said(),
                lost_reason=given.lost_reason,
                from_stage=given.seen_on,
                via="api",
            )
            return answer_of(200, move_shown(deal_id, made_or_refused(answer)))

        return await work_once(request, caller, parts, key, deed)

    @router.get(
        "/{deal_id}/history",
        operation_id="get_deal_history",
        responses=refusals(404),
    )
    async def history(deal_id: DealId, caller: Calling) -> shapes.HistoryShown:
        """Every stage the deal stood on, the first one first, with how long."""
        async with parts.store.transaction() as session:
            found = await deal_history(session, caller.actor, deal_id, parts.now())
        return history_shown(found)

    return router
