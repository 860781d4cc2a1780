"""`/api/messages`: what was sent, and settling what nobody knows the end of."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from crm_store.lists.messages import MessageFilter
from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.each import each_of
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.repeating import IdempotencyKey, answer_of
from engine.api.shapes import messages as shapes
from engine.api.shapes.common import Outcomes
from engine.api.working_once import work_once
from engine.services.idempotency import Answer
from engine.services.messages.settling import settle_by_hand
from engine.services.views.messages import message_list, message_page
from engine.services.work import Work

Number = Annotated[int, Path(ge=1, le=2**53)]
Whose = Annotated[int | None, Query(ge=1, le=2**53)]
Word = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]+$")]
InState = Annotated[
    str | None, Query(max_length=40, pattern=r"^[a-z_]+$", description='Such as "maybe_sent".')
]


def messages_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/messages", tags=["messages"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get("", operation_id="list_messages", responses=refusals())
    async def list_(
        caller: Calling,
        flow: Word = None,
        state: InState = None,
        contact_id: Whose = None,
        q: Word = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> shapes.MessagePage:
        """Messages, the newest first; `q` is a part of a name, an address or a subject."""
        before = None if cursor is None else int(read_cursor(cursor, int)[0])
        wanted = MessageFilter(flow, state, q, contact_id)
        async with parts.store.transaction() as session:
            found = await message_list(session, caller.actor, wanted, before=before, limit=limit)
        return shapes.MessagePage(
            items=[shapes.MessageShown.model_validate(one) for one in found.lines],
            next=cursor_of(found.next_before) if found.next_before else None,
        )

    @router.post(
        "/settle", operation_id="settle_messages", response_model=Outcomes, responses=refusals()
    )
    async def settle_many(
        given: shapes.SettledMany, request: Request, caller: Calling, key: IdempotencyKey = None
    ) -> Response:
        """Put several right at once; each is done or refused for itself."""

        async def deed(work: Work) -> Answer:
            async def one(number: int) -> int:
                await settle_by_hand(
                    work.session, caller.actor, number, was_sent=given.was_sent, now=work.now
                )
                return number

            outcomes = await each_of(work, sorted(set(given.ids)), one)
            return answer_of(200, Outcomes(items=outcomes))

        return await work_once(request, caller, parts, key, deed)

    @router.get("/{message_id}", operation_id="get_message", responses=refusals(404))
    async def get(message_id: Number, caller: Calling) -> shapes.MessageShown:
        """One message with what is known of its way."""
        async with parts.store.transaction() as session:
            found = await message_page(session, caller.actor, message_id)
        return shapes.MessageShown.model_validate(found)

    @router.post(
        "/{message_id}/settle", operation_id="settle_message", responses=refusals(404, 409)
    )
    async def settle(
        message_id: Number, given: shapes.SettleGiven, caller: Calling
    ) -> shapes.MessageShown:
        """Say whether a message arrived of which nobody knows. It puts the record right and sends
        nothing. 409 for one whose end is known."""
        async with parts.store.transaction() as session:
            await settle_by_hand(
                session, caller.actor, message_id, was_sent=given.was_sent, now=parts.now()
            )
            found = await message_page(session, caller.actor, message_id)
        return shapes.MessageShown.model_validate(found)

    return router
