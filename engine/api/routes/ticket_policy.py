"""`/api/ticket-policy`: what is promised for tickets."""

from __future__ import annotations

import yaml
from fastapi import APIRouter
from starlette.responses import Response

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.if_match import IfMatch, quoted, tag_in
from engine.api.json_bodies import JsonRoute
from engine.api.parts import Parts
from engine.api.shapes import tickets as shapes
from engine.services.tickets import SeenPolicy, save_policy, see_policy


def ticket_policy_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/ticket-policy",
        tags=["tickets"],
        route_class=JsonRoute,
        dependencies=ASKS_FOR_KEY,
    )

    @router.get(
        "",
        operation_id="get_ticket_policy",
        response_model=shapes.TicketPolicyShown,
        responses=refusals(),
    )
    async def get(caller: Calling) -> Response:
        """The policy that counts for new tickets; its ETag stands for it."""
        async with parts.store.transaction() as session:
            seen = await see_policy(session, caller.actor)
        return _answer(seen)

    @router.put(
        "",
        operation_id="put_ticket_policy",
        response_model=shapes.TicketPolicyShown,
        responses=refusals(412, 428),
    )
    async def put(
        given: shapes.TicketPolicyGiven, caller: Calling, if_match: IfMatch = None
    ) -> Response:
        """Let another policy count for tickets that are opened from now on; those that are open
        keep theirs."""
        tag = tag_in(if_match)
        source = yaml.safe_dump(given.policy, sort_keys=False, allow_unicode=True)
        async with parts.store.transaction() as session:
            seen = await save_policy(
                session,
                caller.actor,
                source,
                parts.now(),
                expected=None if tag == "*" else tag,
                root="/policy",
            )
        return _answer(seen)

    return router


def _answer(seen: SeenPolicy) -> Response:
    shown = shapes.TicketPolicyShown(
        version=seen.version,
        policy=dict(seen.document),
        saved_by=seen.saved_by,
        saved_at=seen.saved_at,
    )
    headers = {"ETag": quoted(seen.tag)}
    return Response(shown.model_dump_json(), headers=headers, media_type="application/json")
