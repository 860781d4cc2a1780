"""`/api/sending-policy`: when messages may go, and how many."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from starlette.responses import Response

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.if_match import IfMatch, quoted, tag_in
from engine.api.json_bodies import JsonRoute
from engine.api.parts import Parts
from engine.api.shapes import sending_policy as shapes
from engine.errors import Problem, Refused
from engine.services.sending import editing

# Where the policy stands in a body.
_ROOT = "/policy"


def sending_policy_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/sending-policy",
        tags=["messages"],
        route_class=JsonRoute,
        dependencies=ASKS_FOR_KEY,
    )

    @router.get(
        "",
        operation_id="get_sending_policy",
        response_model=shapes.PolicyShown,
        responses=refusals(),
    )
    async def get(caller: Calling) -> Response:
        """The policy that counts now; its ETag stands for it."""
        async with parts.store.transaction() as session:
            seen = await editing.see(session, caller.actor)
        return _answer(seen)

    @router.put(
        "",
        operation_id="put_sending_policy",
        response_model=shapes.PolicyShown,
        responses=refusals(412, 428),
    )
    async def put(given: shapes.PolicyGiven, caller: Calling, if_match: IfMatch = None) -> Response:
        """Let another policy count. Messages that wait are asked about again at their time."""
        tag = tag_in(if_match)
        async with parts.store.transaction() as session:
            seen = await editing.save(
                session,
                caller.actor,
                editing.source_of(given.policy),
                parts.now(),
                expected=None if tag == "*" else tag,
                root=_ROOT,
            )
        return _answer(seen)

    @router.post("/check", operation_id="check_sending_policy", responses=refusals())
    async def check(given: shapes.PolicyGiven, caller: Calling) -> shapes.PolicyChecked:
        """Every mistake in a policy; the answer is 200 for a wrong one too."""
        async with parts.store.transaction() as session:
            try:
                source = editing.source_of(given.policy)
                policy = await editing.check(session, caller.actor, source, root=_ROOT)
            except Refused as refused:
                return shapes.PolicyChecked(ok=False, problems=_shown(refused.problems))
        remarks = _shown(editing.remarks(policy), _ROOT)
        return shapes.PolicyChecked(ok=True, problems=[], remarks=remarks)

    return router


def _shown(problems: Sequence[Problem], root: str = "") -> list[shapes.PolicyProblem]:
    return [
        shapes.PolicyProblem(pointer=root + one.place, code=one.code, message=one.message)
        for one in problems
    ]


def _answer(seen: editing.Seen) -> Response:
    shown = shapes.PolicyShown(
        version=seen.version,
        policy=dict(seen.document),
        saved_by=seen.saved_by,
        saved_at=seen.saved_at,
    )
    headers = {"ETag": quoted(seen.tag)}
    return Response(shown.model_dump_json(), headers=headers, media_type="application/json")
