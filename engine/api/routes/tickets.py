"""`/api/tickets`: questions and complaints."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.repeating import IdempotencyKey, answer_of
from engine.api.shapes import tickets as shapes
from engine.api.working_once import work_once
from engine.services import tickets
from engine.services.idempotency import Answer
from engine.services.tickets import Question, ShownTicket, TicketFilter
from engine.services.work import Work, working

Number = Annotated[int, Path(ge=1, le=2**53)]
StatusAsked = Annotated[
    Literal["unsolved", "new", "open", "pending", "on_hold", "solved", "closed"] | None,
    Query(description='One status, or "unsolved" for those neither solved nor closed.'),
]
Id = Annotated[int | None, Query(ge=1, le=2**53)]
_TAKEN: Final[dict[int | str, Any]] = {
    200: {"model": shapes.TicketTaken, "description": "Added to a ticket that was there"}
}


def tickets_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/tickets", tags=["tickets"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get("", operation_id="list_tickets", responses=refusals())
    async def list_(
        caller: Calling,
        status: StatusAsked = None,
        priority: shapes.Priority | None = None,
        owner_id: Id = None,
        contact_id: Id = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> shapes.TicketPage:
        """Tickets, the newest first."""
        before = None if cursor is None else int(read_cursor(cursor, int)[0])
        wanted = TicketFilter(status, priority, owner_id, contact_id)
        async with parts.store.transaction() as session:
            found = await tickets.list_tickets(
                session, caller.actor, wanted, before=before, limit=limit + 1
            )
        return shapes.TicketPage(
            items=[shapes.TicketLine.model_validate(one) for one in found[:limit]],
            next=cursor_of(found[limit - 1].id) if len(found) > limit else None,
        )

    @router.post(
        "",
        operation_id="create_ticket",
        status_code=201,
        response_model=shapes.TicketTaken,
        responses=refusals(404, 409) | _TAKEN,
    )
    async def create(
        given: shapes.TicketGiven, request: Request, caller: Calling, key: IdempotencyKey = None
    ) -> Response:
        """Take in a question. From the same customer about the same it is added to the ticket that
        is open, and answers 200."""
        question = Question(**given.model_dump())

        async def act(work: Work) -> Answer:
            taken = await tickets.take_in(work, caller.actor, question)
            shown = shapes.TicketTaken(ticket_id=taken.ticket_id, new=taken.new)
            place = {"Location": f"/api/tickets/{taken.ticket_id}"}
            return answer_of(201 if taken.new else 200, shown, place)

        return await work_once(request, caller, parts, key, act)

    @router.get("/{ticket_id}", operation_id="get_ticket", responses=refusals(404))
    async def get(ticket_id: Number, caller: Calling) -> shapes.TicketShown:
        """One ticket with its clocks."""
        async with parts.store.transaction() as session:
            return await _seen(session, parts, caller, ticket_id)

    @router.patch("/{ticket_id}", operation_id="change_ticket", responses=refusals(404, 409))
    async def change(
        ticket_id: Number, given: shapes.TicketChange, caller: Calling
    ) -> shapes.TicketShown:
        """Another status, priority or owner; the clocks follow."""
        async with working(parts.store, parts.shared, parts.pokes, parts.now()) as work:
            if "owner_id" in given.model_fields_set:
                await tickets.set_owner(work, caller.actor, ticket_id, given.owner_id)
            if given.priority is not None:
                await tickets.set_priority(work, caller.actor, ticket_id, given.priority)
            if given.status is not None:
                await tickets.set_status(work, caller.actor, ticket_id, given.status)
            return await _seen(work.session, parts, caller, ticket_id)

    @router.get(
        "/{ticket_id}/comments", operation_id="list_ticket_comments", responses=refusals(404)
    )
    async def comments(
        ticket_id: Number, caller: Calling, limit: Limit = 50, cursor: Cursor = None
    ) -> shapes.CommentPage:
        """What was said about it, in order, internal words too."""
        after = 0 if cursor is None else int(read_cursor(cursor, int)[0])
        async with parts.store.transaction() as session:
            found = await tickets.list_comments(
                session, caller.actor, ticket_id, after=after, limit=limit + 1
            )
        return shapes.CommentPage(
            items=[shapes.CommentShown.model_validate(one) for one in found[:limit]],
            next=cursor_of(found[limit - 1].id) if len(found) > limit else None,
        )

    @router.post(
        "/{ticket_id}/comments",
        operation_id="add_ticket_comment",
        status_code=201,
        response_model=shapes.CommentAdded,
        responses=refusals(404, 409),
    )
    async def comment(
        ticket_id: Number,
        given: shapes.CommentGiven,
        request: Request,
        caller: Calling,
        key: IdempotencyKey = None,
    ) -> Response:
        """Answer, note something among ourselves, or pass on what the customer says. Our first
        answer stops the response clock."""

        async def act(work: Work) -> Answer:
            said_on = await _say(work, caller, ticket_id, given)
            place = {"Location": f"/api/tickets/{said_on}/comments"}
            return answer_of(201, shapes.CommentAdded(ticket_id=said_on), place)

        return await work_once(request, caller, parts, key, act)

    @router.post("/{ticket_id}/merge", operation_id="merge_ticket", responses=refusals(404, 409))
    async def merge(
        ticket_id: Number, given: shapes.TicketMerge, caller: Calling
    ) -> shapes.TicketShown:
        """Let another ticket of the same customer take it over; what was said goes there."""
        async with working(parts.store, parts.shared, parts.pokes, parts.now()) as work:
            await tickets.merge(work, caller.actor, ticket_id, given.into)
            return await _seen(work.session, parts, caller, ticket_id)

    return router


async def _say(work: Work, caller: Calling, ticket_id: int, given: shapes.CommentGiven) -> int:
    """The ticket on which it was said."""
    source, message_id = given.source, given.message_id
    if given.by == "customer":
        return await tickets.customer_wrote(
            work, caller.actor, ticket_id, given.body, source=source, message_id=message_id
        )
    if given.internal:
        await tickets.note(work, caller.actor, ticket_id, given.body)
    else:
        await tickets.answer(
            work,
            caller.actor,
            ticket_id,
            given.body,
            then=given.then,
            source=source,
            message_id=message_id,
        )
    return ticket_id


async def _seen(
    session: AsyncSession, parts: Parts, caller: Calling, ticket_id: int
) -> shapes.TicketShown:
    """Whoever may change and not look changes nothing: it is looked at before the commit."""
    zone = parts.shared.default_zone
    return _shown(await tickets.show_ticket(session, caller.actor, ticket_id, parts.now(), zone))


def _shown(ticket: ShownTicket) -> shapes.TicketShown:
    return shapes.TicketShown(
        **{name: ticket.row[name] for name in _COLUMNS},
        policy_version=ticket.row["policy_id"],
        clocks=[
            shapes.ClockShown(
                clock=one.clock.value,
                limit_seconds=round(one.limit.total_seconds()),
                spent_seconds=round(one.spent.total_seconds()),
                running=one.running,
                due_at=one.due_at,
                breached=one.breached,
            )
            for one in ticket.clocks
        ],
    )


_COLUMNS: Final = tuple(
    name for name in shapes.TicketShown.model_fields if name not in ("policy_version", "clocks")
)
