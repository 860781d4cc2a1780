"""`/api/escalations`: what somebody must take up, and answers to it."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Query

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.repeating import IdempotencyKey, answer_id_of
from engine.api.shapes import escalations as shapes
from engine.flows.words import Words
from engine.services.escalations import answer_as, list_cases, show_case
from engine.services.escalations.by_hand import open_by_hand
from engine.services.work import working

Number = Annotated[int, Path(ge=1, le=2**53, description="The case's number.")]
Mine = Annotated[bool, Query(description="Only what you were told of or have in hand.")]
Over = Annotated[bool, Query(description="Those that are over instead.")]


def escalations_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/escalations",
        tags=["escalations"],
        route_class=JsonRoute,
        dependencies=ASKS_FOR_KEY,
    )

    @router.get("", operation_id="list_escalations", responses=refusals())
    async def list_(
        caller: Calling,
        mine: Mine = False,
        over: Over = False,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> shapes.CasePage:
        """Cases, the oldest first."""
        after = 0 if cursor is None else int(read_cursor(cursor, int)[0])
        async with parts.store.transaction() as session:
            found = await list_cases(
                session, caller.actor, mine=mine, over=over, after=after, limit=limit + 1
            )
        return shapes.CasePage(
            items=[shapes.CaseShown.model_validate(one) for one in found[:limit]],
            next=cursor_of(found[limit - 1].id) if len(found) > limit else None,
        )

    @router.post("", operation_id="open_escalation", status_code=201, responses=refusals())
    async def open_(
        given: shapes.CaseGiven, caller: Calling, key: IdempotencyKey = None
    ) -> shapes.CaseOpened:
        """Tell people by a published policy. A case that is open about the same subject by the same
        policy takes the ask in. With an Idempotency-Key the same ask counts once."""
        asked = answer_id_of(caller, key) or f"api-{secrets.token_hex(16)}"
        async with working(parts.store, parts.shared, parts.pokes, parts.now()) as work:
            case_id = await open_by_hand(
                work,
                caller.actor,
                policy=given.policy,
                subject_kind=given.subject_kind,
                subject_id=given.subject_id,
                title=Words(given.title, given.title),
                body=Words(given.body, given.body),
                urgency=given.urgency,
                key=asked,
                owner_id=given.owner_id,
                team=given.team,
            )
        return shapes.CaseOpened(id=case_id)

    @router.get("/{case_id}", operation_id="get_escalation", responses=refusals(404))
    async def get(case_id: Number, caller: Calling) -> shapes.CaseInFull:
        """One case, with who was told when."""
        async with parts.store.transaction() as session:
            case, steps = await show_case(session, caller.actor, case_id)
        return shapes.CaseInFull.model_validate(
            {**asdict(case), "steps": [asdict(one) for one in steps]}
        )

    @router.post(
        "/{case_id}/answers", operation_id="answer_escalation", responses=refusals(404, 409)
    )
    async def answer(
        case_id: Number, given: shapes.AnswerGiven, caller: Calling, key: IdempotencyKey = None
    ) -> shapes.CaseTaken:
        """Take it up (acknowledge), say that it is done (resolve), give it to somebody (reassign),
        stop its clocks and let them go on (pause, resume). 409: it is over, or somebody else has
        it. With an Idempotency-Key the same answer is acted on once."""
        answered = await answer_as(
            parts.store,
            parts.pokes,
            caller.actor,
            case_id,
            given.verb,
            given.model_dump(exclude_none=True, exclude={"verb"}),
            door="api",
            answer_id=answer_id_of(caller, key),
        )
        return shapes.CaseTaken(code=answered.code)

    return router
