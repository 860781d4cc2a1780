"""`/api/targets`: what people and teams are to win, and what they won of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.parts import Parts
from engine.api.routes.insight import csv_answer
from engine.api.shapes import insight as shapes
from engine.services.insight import WantedTarget, list_targets, remove_target, set_targets
from engine.services.insight.csv_text import target_lines

_LARGEST = 2**53
Period = Annotated[
    str | None,
    Query(
        pattern=r"^\d{4}(-(Q[1-4]|0[1-9]|1[0-2]))?$",
        description='Of periods that begin within: "2026", "2026-Q1" or "2026-03".',
    ),
]
Owner = Annotated[int | None, Query(ge=1, le=_LARGEST, description="A user.")]
Team = Annotated[str | None, Query(max_length=200, description="By its name.")]


def targets_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/targets", tags=["insight"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )
    zone = parts.settings.company.default_zone

    @router.get("", operation_id="list_targets", responses=refusals(404))
    async def list_(
        caller: Calling, period: Period = None, owner: Owner = None, team: Team = None
    ) -> shapes.TargetsShown:
        """Targets with what was won of them, the newest period first; at most 1,000."""
        async with parts.store.transaction() as session:
            found = await list_targets(
                session, caller.actor, zone, period=period, owner=owner, team=team
            )
        return shapes.TargetsShown(items=[shapes.TargetShown.model_validate(o) for o in found])

    @router.get(
        "/csv",
        operation_id="get_targets_csv",
        response_class=Response,
        responses=refusals(404) | {200: {"description": "The table", "content": {"text/csv": {}}}},
    )
    async def as_csv(
        caller: Calling, period: Period = None, owner: Owner = None, team: Team = None
    ) -> Response:
        """The same as CSV."""
        async with parts.store.transaction() as session:
            found = await list_targets(
                session, caller.actor, zone, period=period, owner=owner, team=team
            )
        return csv_answer(target_lines(found), "targets")

    @router.put("", operation_id="put_targets", responses=refusals())
    async def put(given: shapes.TargetsGiven, caller: Calling) -> shapes.TargetsWritten:
        """Write targets; one for the same period, holder and currency is replaced."""
        wanted = [
            WantedTarget(
                one.period,
                one.currency,
                one.amount_minor,
                one.owner,
                one.team,
                f"/targets/{place}",
            )
            for place, one in enumerate(given.targets)
        ]
        async with parts.store.transaction() as session:
            changed = await set_targets(session, caller.actor, wanted, parts.now())
        return shapes.TargetsWritten(changed=len(changed))

    @router.delete(
        "/{target}", operation_id="delete_target", status_code=204, responses=refusals(404)
    )
    async def delete(target: Annotated[int, Path(ge=1, le=_LARGEST)], caller: Calling) -> Response:
        """Remove a target; what was won stays."""
        async with parts.store.transaction() as session:
            await remove_target(session, caller.actor, target)
        return Response(status_code=204)

    return router
