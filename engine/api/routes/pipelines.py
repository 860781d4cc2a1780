"""`/api/pipelines`: the stages deals stand on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.deal_words import pipeline_shown
from engine.api.json_bodies import JsonRoute
from engine.api.parts import Parts
from engine.api.shapes import deals as shapes
from engine.services.deals.reading import list_pipelines, show_pipeline

Key = Annotated[str, Path(pattern=shapes.KEY)]


def pipelines_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/pipelines",
        tags=["pipelines"],
        route_class=JsonRoute,
        dependencies=ASKS_FOR_KEY,
    )

    @router.get("", operation_id="list_pipelines", responses=refusals())
    async def list_(caller: Calling) -> shapes.PipelineList:
        """All pipelines, the oldest first, each with its stages in order."""
        async with parts.store.transaction() as session:
            found = await list_pipelines(session, caller.actor)
        return shapes.PipelineList(items=[pipeline_shown(one) for one in found])

    @router.get("/{key}", operation_id="get_pipeline", responses=refusals(404))
    async def get(key: Key, caller: Calling) -> shapes.PipelineShown:
        """One pipeline with its stages."""
        async with parts.store.transaction() as session:
            return pipeline_shown(await show_pipeline(session, caller.actor, key))

    return router
