"""`/api/approvals`: what our people are to decide, and their answers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.repeating import IdempotencyKey
from engine.api.shapes import approvals as shapes
from engine.services.approvals.doors import give_answer, give_answers, insisted
from engine.services.approvals.reading import (
    Entry,
    Request,
    existing,
    list_requests,
    must_exist,
    read_request,
)
from engine.services.idempotency import readable_key
from engine.services.work import working

Number = Annotated[int, Path(ge=1, le=2**53, description="The request's number.")]
Mine = Annotated[bool, Query(description="Only what you can decide now.")]
AskedByMe = Annotated[bool, Query(description="Only what you asked for.")]
Ended = Annotated[bool, Query(description="Those that have ended, too.")]
_DOOR = "api"


def approvals_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/approvals",
        tags=["approvals"],
        route_class=JsonRoute,
        dependencies=ASKS_FOR_KEY,
    )

    @router.get("", operation_id="list_approvals", responses=refusals())
    async def list_(
        caller: Calling,
        mine: Mine = False,
        asked_by_me: AskedByMe = False,
        ended: Ended = False,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> shapes.RequestPage:
        """Requests, the oldest first."""
        after = 0 if cursor is None else int(read_cursor(cursor, int)[0])
        async with working(parts.store, parts.shared, parts.pokes, parts.now()) as work:
            found = await list_requests(
                work,
                caller.actor,
                mine=mine,
                asked_by_me=asked_by_me,
                open_only=not ended,
                after=after,
                limit=limit + 1,
            )
        more = len(found) > limit
        return shapes.RequestPage(
            items=[_shown(one) for one in found[:limit]],
            next=cursor_of(found[limit - 1].id) if more else None,
        )

    @router.post("/answers", operation_id="answer_approvals", responses=refusals())
    async def bulk(given: shapes.BulkGiven, caller: Calling) -> shapes.BulkTaken:
        """One answer to many requests; each is taken or refused for itself."""
        async with parts.store.transaction() as session:
            there = await existing(session, caller.actor, given.ids)
        found = await give_answers(
            parts.pokes,
            caller.actor,
            given.ids,
            given.verb,
            {"comment": given.comment},
            door=_DOOR,
            there=there,
        )
        return shapes.BulkTaken(
            items=[
                shapes.BulkItem(id=one.request_id, code=one.code, message=one.message)
                for one in found
            ]
        )

    @router.get("/{request_id}", operation_id="get_approval", responses=refusals(404))
    async def get(request_id: Number, caller: Calling) -> shapes.RequestInFull:
        """One request with its facts and its history."""
        async with working(parts.store, parts.shared, parts.pokes, parts.now()) as work:
            request, history = await read_request(work, caller.actor, request_id)
        return _in_full(request, history)

    @router.post(
        "/{request_id}/answers", operation_id="answer_approval", responses=refusals(404, 409)
    )
    async def answer(
        request_id: Number,
        given: shapes.AnswerGiven,
        caller: Calling,
        key: IdempotencyKey = None,
    ) -> shapes.Taken:
        """Approve, reject, give back (return), send back to an earlier level, ask back, delegate;
        as its requester answer, recall, resubmit; or comment. 409 with its own code: too late,
        decided already, not now. With an Idempotency-Key the same answer is taken once."""
        async with parts.store.transaction() as session:
            await must_exist(session, caller.actor, request_id)
        answered = await give_answer(
            parts.pokes,
            caller.actor,
            request_id,
            given.verb,
            given.model_dump(exclude_none=True, exclude={"verb"}),
            door=_DOOR,
            answer_id=_answer_id(caller.key_id, key),
        )
        details = insisted(answered, request_id).details
        return shapes.Taken(status=details["status"], level=details["level"])

    return router


def _answer_id(key_id: object, key: str | None) -> str | None:
    """The same for the same key of the same caller."""
    if key is None:
        return None
    readable_key(key)
    return f"api-{hashlib.sha256(f'{key_id}:{key}'.encode()).hexdigest()[:32]}"


def _shown(one: Request) -> shapes.RequestShown:
    record_kind, record_id = one.record or (None, None)
    amount = one.amount
    return shapes.RequestShown(
        id=one.id,
        title=one.title.en,
        body=one.body.en,
        status=one.status,
        why=one.why,
        subject_kind=one.subject_kind,
        subject_id=one.subject_id,
        record_kind=record_kind,
        record_id=record_id,
        contact_id=one.contact_id,
        requester_id=one.requester_id,
        requester=one.requester,
        amount=shapes.AmountShown(minor=amount.minor, currency=amount.currency) if amount else None,
        chain=one.chain,
        level=one.level_key,
        levels=list(one.levels),
        voices=[shapes.VoiceShown.model_validate(voice) for voice in one.voices],
        decided_by=list(one.decided_by),
        opened_at=one.opened_at,
        deadline=one.deadline,
        ended_at=one.ended_at,
        question=one.question,
        can_decide=one.can_decide,
        can_recall=one.can_recall,
    )


def _in_full(request: Request, history: Sequence[Entry]) -> shapes.RequestInFull:
    return shapes.RequestInFull(
        request=_shown(request),
        facts=dict(request.facts),
        history=[
            shapes.EntryShown(
                at=one.at,
                by=one.by,
                verb=one.verb,
                comment=one.comment,
                level=one.level,
                door=one.door,
                file_ids=list(one.file_ids),
            )
            for one in history
        ],
    )
