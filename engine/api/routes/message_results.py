"""`/api/message-results`: what messages brought about, also as CSV."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.parts import Parts
from engine.api.shapes import message_results as shapes
from engine.api.shapes.common import Moment
from engine.api.shapes.segments import NAME
from engine.services.message_results import (
    BY,
    DEFAULT_BY,
    Question,
    csv_of,
    link_results,
    message_results,
    response,
)

By = Annotated[
    str, Query(pattern=f"^({'|'.join(BY)})$", description="What figures are compared by.")
]
Flow = Annotated[str | None, Query(pattern=NAME, description="Only messages of this flow.")]
Node = Annotated[str | None, Query(max_length=100, description="Only of this node.")]
Template = Annotated[str | None, Query(max_length=100, description="Only of this template.")]
Since = Annotated[Moment | None, Query(description="Only handed over since then.")]
Until = Annotated[Moment | None, Query(description="Only handed over before then.")]


def _question(
    by: By = DEFAULT_BY,
    flow: Flow = None,
    node: Node = None,
    template: Template = None,
    since: Since = None,
    until: Until = None,
) -> Question:
    return Question(
        by,
        flow,
        node,
        template,
        since.astimezone(UTC) if since else None,
        until.astimezone(UTC) if until else None,
    )


Asked = Annotated[Question, Depends(_question)]


def message_results_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/message-results",
        tags=["messages"],
        route_class=JsonRoute,
        dependencies=ASKS_FOR_KEY,
    )

    @router.get("", operation_id="get_message_results", responses=refusals(404))
    async def results(caller: Calling, question: Asked) -> shapes.ResultsShown:
        """Sent, delivered, opened, clicked, bounced, goals and revenue, by what is compared."""
        async with parts.store.transaction() as session:
            found = await message_results(session, caller.actor, question)
        return shapes.ResultsShown(
            columns=list(question.columns),
            items=[shapes.ResultShown.model_validate(one) for one in found],
        )

    @router.get(
        "/csv",
        operation_id="get_message_results_csv",
        response_class=Response,
        responses=refusals(404) | {200: {"description": "The table", "content": {"text/csv": {}}}},
    )
    async def as_csv(caller: Calling, question: Asked) -> Response:
        """The same as CSV; no cell is taken for a formula."""
        async with parts.store.transaction() as session:
            found = await message_results(session, caller.actor, question)
        return Response(
            csv_of(found, question.columns),
            media_type="text/csv; charset=utf-8",
            headers={"content-disposition": 'attachment; filename="message-results.csv"'},
        )

    @router.get("/links", operation_id="list_message_links", responses=refusals(404))
    async def links(caller: Calling, question: Asked) -> shapes.LinksShown:
        """Clicks by link, the most followed first."""
        async with parts.store.transaction() as session:
            found = await link_results(session, caller.actor, question)
        return shapes.LinksShown(items=[shapes.LinkShown.model_validate(one) for one in found])

    @router.get("/response", operation_id="get_message_response", responses=refusals(404))
    async def over_time(caller: Calling, question: Asked) -> shapes.ResponseShown:
        """How long people take to answer, and at which hour of their day."""
        async with parts.store.transaction() as session:
            found = await response(
                session,
                caller.actor,
                question,
                parts.now(),
                parts.settings.company.default_zone,
            )
        return shapes.ResponseShown.model_validate(found)

    return router
