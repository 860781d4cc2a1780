"""`/api/topics`: what messages are about, and people may switch off."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from crm_store.topics import TopicRow
from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.parts import Parts
from engine.api.shapes import preferences as shapes
from engine.services.preferences import list_topics, put_topic, remove_topic

Slug = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


def topics_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/topics", tags=["topics"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get("", operation_id="list_topics", responses=refusals())
    async def list_(caller: Calling) -> shapes.TopicList:
        """All topics, in the order people see them."""
        async with parts.store.transaction() as session:
            found = await list_topics(session, caller.actor)
        return shapes.TopicList(items=[_shown(one) for one in found])

    @router.put("/{slug}", operation_id="put_topic", responses=refusals(404))
    async def put(slug: Slug, given: shapes.TopicGiven, caller: Calling) -> shapes.TopicShown:
        """Make a topic, or replace it."""
        topic = TopicRow(
            slug,
            **given.model_dump(exclude={"frequencies"}),
            frequencies=tuple(given.frequencies),
        )
        async with parts.store.transaction() as session:
            await put_topic(session, caller.actor, topic)
        return _shown(topic)

    @router.delete("/{slug}", operation_id="delete_topic", status_code=204, responses=refusals(404))
    async def delete(slug: Slug, caller: Calling) -> Response:
        """Ask nobody about it any more. What people chose stays, and holds if it comes back."""
        async with parts.store.transaction() as session:
            await remove_topic(session, caller.actor, slug)
        return Response(status_code=204)

    return router


def _shown(topic: TopicRow) -> shapes.TopicShown:
    return shapes.TopicShown(
        slug=topic.slug,
        label=topic.label,
        label_zh=topic.label_zh,
        help=topic.help,
        help_zh=topic.help_zh,
        purpose=topic.purpose,
        medium=topic.medium,
        default_on=topic.default_on,
        frequencies=list(topic.frequencies),
        position=topic.position,
    )
