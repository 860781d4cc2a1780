"""`/api/suppressions`: addresses that nothing is sent to."""

from __future__ import annotations

from fastapi import APIRouter

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.filters import Search
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.shapes import messages as shapes
from engine.services.sending.suppressions import allow, suppress_list, suppressions


def suppressions_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/suppressions",
        tags=["messages"],
        route_class=JsonRoute,
        dependencies=ASKS_FOR_KEY,
    )

    @router.get("", operation_id="list_suppressions", responses=refusals())
    async def list_(
        caller: Calling,
        medium: shapes.Medium | None = None,
        q: Search = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> shapes.SuppressionPage:
        """By medium and address; `q` is a part of it."""
        after = ("", "")
        if cursor is not None:
            first, second = read_cursor(cursor, str, str)
            after = (str(first), str(second))
        async with parts.store.transaction() as session:
            found = await suppressions(
                *(session, caller.actor),
                medium=medium,
                after=after,
                limit=limit + 1,
                search=q or "",
            )
        last = found[limit - 1] if len(found) > limit else None
        return shapes.SuppressionPage(
            items=[
                shapes.SuppressionShown(
                    medium=one.channel,
                    address=one.address_key,
                    reason=one.reason,
                    recorded_at=one.recorded_at,
                )
                for one in found[:limit]
            ],
            next=cursor_of(last.channel, last.address_key) if last else None,
        )

    @router.post("", operation_id="suppress", responses=refusals())
    async def add(given: shapes.SuppressGiven, caller: Calling) -> shapes.SuppressedShown:
        """Send nothing any more to up to 10,000 addresses or domains. Twice is once."""
        done = await suppress_list(
            *(parts.store, caller.actor, given.addresses),
            medium=given.medium,
            reason=given.reason,
            now=parts.now(),
        )
        return shapes.SuppressedShown(new=done.new, known=done.known)

    @router.post("/remove", operation_id="allow_again", responses=refusals(404))
    async def remove(given: shapes.AllowGiven, caller: Calling) -> shapes.AllowedShown:
        """Send to an address or domain again. What an erased contact's address stands for stays."""
        async with parts.store.transaction() as session:
            reason = await allow(session, caller.actor, given.address, medium=given.medium)
        return shapes.AllowedShown(reason=reason)

    return router
