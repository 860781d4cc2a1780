"""`/api/custom-fields` and `/api/write-keys`: what there is; no key changes them."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.parts import Parts
from engine.api.shapes import decisions as shapes
from engine.services.actor import allowed_some
from engine.services.custom_fields import all_custom_fields
from engine.services.write_keys import list_write_keys

OfRecord = Annotated[Literal["contact", "account", "deal"], Query(description="Fields of these.")]


def fields_router(parts: Parts) -> APIRouter:
    router = APIRouter(prefix="/api", route_class=JsonRoute, dependencies=ASKS_FOR_KEY)

    @router.get(
        "/custom-fields",
        tags=["contacts"],
        operation_id="list_custom_fields",
        responses=refusals(),
    )
    async def custom_fields(record: OfRecord, caller: Calling) -> shapes.FieldList:
        """The fields that people defined themselves, retired ones too. Admins define them in the
        designer and by imports; no key does."""
        allowed_some(caller.actor, "read", record)
        async with parts.store.transaction() as session:
            found = await all_custom_fields(session, record)
        return shapes.FieldList(
            items=[
                shapes.FieldShown(
                    record=one.record,
                    key=one.key,
                    type=str(one.type),
                    label=one.label,
                    label_zh=one.label_zh,
                    values=list(one.values),
                    retired=one.retired,
                )
                for one in found
            ]
        )

    @router.get(
        "/write-keys", tags=["events"], operation_id="list_write_keys", responses=refusals()
    )
    async def write_keys(caller: Calling) -> shapes.WriteKeyList:
        """The sources that report events, with the beginnings of their keys; for admins."""
        async with parts.store.transaction() as session:
            found = await list_write_keys(session, caller.actor)
        return shapes.WriteKeyList(
            items=[shapes.WriteKeyShown.model_validate(one) for one in found]
        )

    return router
