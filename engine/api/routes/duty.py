"""`/api/duty`: who is on duty now and next, and swapping it."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.parts import Parts
from engine.api.shapes import escalations as shapes
from engine.services.escalations import duty

Number = Annotated[int, Path(ge=1, le=2**53, description="The swap's number.")]
_MADE: Final[dict[int | str, dict[str, Any]]] = {
    201: {"model": shapes.SwapSaved, "description": "Entered"}
}


def duty_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/duty", tags=["escalations"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get("", operation_id="list_duty", responses=refusals())
    async def list_(caller: Calling) -> shapes.DutyList:
        """Of every rotation of every published policy, and the swaps that are not over."""
        now = parts.now()
        async with parts.store.transaction() as session:
            found = await duty.duties(session, caller.actor, now)
            swaps = await duty.list_overrides(session, caller.actor, now)
        return shapes.DutyList(
            items=[shapes.DutyShown.model_validate(one) for one in found],
            overrides=[shapes.SwapShown.model_validate(one) for one in swaps],
        )

    @router.post(
        "/overrides",
        operation_id="override_duty",
        status_code=201,
        responses=refusals() | _MADE,
    )
    async def override(given: shapes.SwapGiven, caller: Calling) -> shapes.SwapSaved:
        """Give somebody the duty for a while. Anybody may take one over themselves."""
        async with parts.store.transaction() as session:
            swap = await duty.override_duty(
                session,
                caller.actor,
                given.policy,
                given.rotation,
                given.user_id,
                given.starts_at,
                given.ends_at,
                now=parts.now(),
            )
        parts.pokes.clocks()
        return shapes.SwapSaved(id=swap)

    @router.delete(
        "/overrides/{override_id}",
        operation_id="cancel_duty_override",
        status_code=204,
        responses=refusals(404),
    )
    async def cancel(override_id: Number, caller: Calling) -> None:
        """Take a swap back."""
        async with parts.store.transaction() as session:
            await duty.cancel_override(session, caller.actor, override_id, parts.now())
        parts.pokes.clocks()

    return router
