"""`/api/retention/{rows_kind}`: how long rows of a kind stay, and how many would go."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.parts import Parts
from engine.api.shapes import privacy as shapes
from engine.services import retention as service

Kind = Annotated[str, Path(pattern=r"^[a-z_]{1,40}$")]


def retention_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/retention", tags=["privacy"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.post(
        "/{rows_kind}/preview", operation_id="preview_retention_rule", responses=refusals(404)
    )
    async def preview(
        rows_kind: Kind, given: shapes.RetentionGiven, caller: Calling
    ) -> shapes.RetentionPreview:
        """How many rows such a rule would take out now. Nothing is changed."""
        days = given.keep_days
        async with parts.store.transaction() as session:
            rows = await service.preview_rule(session, caller.actor, rows_kind, days, parts.now())
        return shapes.RetentionPreview(kind=rows_kind, keep_days=days, rows=rows)

    @router.put("/{rows_kind}", operation_id="set_retention_rule", responses=refusals(404))
    async def set_(
        rows_kind: Kind, given: shapes.RetentionGiven, caller: Calling
    ) -> shapes.RetentionRuleShown:
        """Keep rows of a kind for so many days. What is older goes within a day and cannot be
        brought back: ask for the preview first."""
        async with parts.store.transaction() as session:
            row = await service.set_rule(
                session, caller.actor, rows_kind, given.keep_days, parts.now()
            )
        parts.pokes.retention()
        return shapes.RetentionRuleShown.model_validate(row)

    @router.delete(
        "/{rows_kind}",
        operation_id="delete_retention_rule",
        status_code=204,
        responses=refusals(404),
    )
    async def delete(rows_kind: Kind, caller: Calling) -> None:
        """Rows of this kind stay from now on."""
        async with parts.store.transaction() as session:
            await service.forget_rule(session, caller.actor, rows_kind)

    return router
