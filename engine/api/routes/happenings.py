"""`/api/events` and `/api/orders`: what contacts did and bought. They are reported through
`/v1/...` and imports, and read here."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from crm_store.lists.happenings import EventFilter, OrderFilter
from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.shapes import happenings as shapes
from engine.api.shapes.common import Moment
from engine.services import happenings
from engine.services.views.grids.asking import LONGEST_PAGE, within

Number = Annotated[int, Path(ge=1, le=2**53)]
Whose = Annotated[int | None, Query(ge=1, le=2**53)]
Word = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]+$")]
Since = Annotated[Moment | None, Query(description="Since then.")]
Until = Annotated[Moment | None, Query(description="Before then.")]


def happenings_router(parts: Parts) -> APIRouter:
    router = APIRouter(prefix="/api", route_class=JsonRoute, dependencies=ASKS_FOR_KEY)

    @router.get("/events", tags=["events"], operation_id="list_events", responses=refusals())
    async def events(
        caller: Calling,
        contact_id: Whose = None,
        name: Word = None,
        source: Word = None,
        since: Since = None,
        until: Until = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> shapes.EventPage:
        """Events, what arrived last first."""
        before = None if cursor is None else int(read_cursor(cursor, int)[0])
        wanted = EventFilter(contact_id, name, source, since, until)
        async with parts.store.transaction() as session, within(session, LONGEST_PAGE):
            found = await happenings.list_events(
                session, caller.actor, wanted, before=before, limit=limit + 1
            )
        return shapes.EventPage(
            items=[shapes.EventShown.model_validate(one) for one in found[:limit]],
            next=cursor_of(found[limit - 1].id) if len(found) > limit else None,
        )

    @router.get(
        "/events/{event_id}", tags=["events"], operation_id="get_event", responses=refusals(404)
    )
    async def event(event_id: Number, caller: Calling) -> shapes.EventShown:
        """One event with all its properties."""
        async with parts.store.transaction() as session:
            found = await happenings.show_event(session, caller.actor, event_id)
        return shapes.EventShown.model_validate(found)

    @router.get("/orders", tags=["orders"], operation_id="list_orders", responses=refusals())
    async def orders(
        caller: Calling,
        contact_id: Whose = None,
        status: Word = None,
        since: Since = None,
        until: Until = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> shapes.OrderPage:
        """Orders, the newest first."""
        before = None if cursor is None else int(read_cursor(cursor, int)[0])
        wanted = OrderFilter(contact_id, status, since, until)
        async with parts.store.transaction() as session, within(session, LONGEST_PAGE):
            found = await happenings.list_orders(
                session, caller.actor, wanted, before=before, limit=limit + 1
            )
        return shapes.OrderPage(
            items=[shapes.OrderShown.model_validate(one) for one in found[:limit]],
            next=cursor_of(found[limit - 1].id) if len(found) > limit else None,
        )

    @router.get(
        "/orders/{order_id}", tags=["orders"], operation_id="get_order", responses=refusals(404)
    )
    async def order(order_id: Number, caller: Calling) -> shapes.OrderShown:
        """One order."""
        async with parts.store.transaction() as session:
            found = await happenings.show_order(session, caller.actor, order_id)
        return shapes.OrderShown.model_validate(found)

    return router
