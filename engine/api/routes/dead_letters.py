"""`/api/dead-letters`: what was sent and could not be taken, and taking it after all."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.repeating import IdempotencyKey, answer_once
from engine.api.routes.jobs import STARTED, begun
from engine.api.shapes import dead_letters as shapes
from engine.api.shapes.jobs import JobShown
from engine.services import dead_letters as service
from engine.services.actor import allowed
from engine.services.dead_letters.replaying import Replaying
from engine.services.events import Intake
from engine.services.idempotency import Answer
from engine.services.jobs import JobKind

Number = Annotated[int, Path(ge=1, le=2**53)]
InState = Annotated[shapes.State, Query(description="Only in this state.")]
Word = Annotated[str | None, Query(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]


def dead_letters_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/dead-letters",
        tags=["sources"],
        route_class=JsonRoute,
        dependencies=ASKS_FOR_KEY,
    )
    settings = parts.settings
    intake = Intake(parts.store, settings.drivers.dispatch_partitions)
    replaying = Replaying(parts.store, intake, settings.web.max_event_bytes)

    @router.get("", operation_id="list_dead_letters", responses=refusals())
    async def list_(
        caller: Calling,
        state: InState = "waiting",
        source: Word = None,
        code: Word = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> shapes.LetterPage:
        """What was refused and why, the newest first."""
        before = None if cursor is None else int(read_cursor(cursor, int)[0])
        async with parts.store.transaction() as session:
            found = await service.list_letters(
                *(session, caller.actor),
                state=state,
                source=source,
                code=code,
                before=before,
                limit=limit,
            )
        older = found.next_before
        return shapes.LetterPage(
            items=[shapes.LetterLine.model_validate(one) for one in found.letters],
            next=None if older is None else cursor_of(older),
        )

    @router.get("/counts", operation_id="count_dead_letters", responses=refusals())
    async def counts(caller: Calling) -> shapes.LetterCounts:
        """How many wait, by source and reason."""
        async with parts.store.transaction() as session:
            found = await service.count_letters(session, caller.actor)
        return shapes.LetterCounts(
            items=[shapes.LetterCountShown.model_validate(one) for one in found]
        )

    @router.post(
        "/replay",
        operation_id="replay_dead_letters",
        status_code=202,
        response_model=JobShown,
        responses=refusals(409) | STARTED,
    )
    async def replay_many(
        given: shapes.Which, request: Request, caller: Calling, key: IdempotencyKey = None
    ) -> Response:
        """Take again all that wait of a source and for a reason, as a job. Each is read as it is
        read today, and becomes an event once."""
        document = {**given.model_dump(), "most_bytes": settings.web.max_event_bytes}

        async def effect(session: AsyncSession) -> Answer:
            allowed(caller.actor, "edit", "hook")
            return await begun(session, caller, parts, JobKind.REPLAY_LETTERS, document)

        answer = await answer_once(request, caller, parts, key, effect)
        parts.pokes.jobs()
        return answer

    @router.post("/drop", operation_id="drop_dead_letters", responses=refusals())
    async def drop_many(given: shapes.Which, caller: Calling) -> shapes.Dropped:
        """None of them becomes an event; they can be read for a month."""
        async with parts.store.transaction() as session:
            count = await service.drop_letters(
                session, caller.actor, parts.now(), source=given.source, code=given.code
            )
        return shapes.Dropped(dropped=count)

    @router.get("/{letter_id}", operation_id="get_dead_letter", responses=refusals(404))
    async def get(letter_id: Number, caller: Calling) -> shapes.LetterShown:
        """One with what was sent."""
        async with parts.store.transaction() as session:
            found = await service.read_letter(session, caller.actor, letter_id)
        return shapes.LetterShown.model_validate(found)

    @router.post(
        "/{letter_id}/replay", operation_id="replay_dead_letter", responses=refusals(404, 409)
    )
    async def replay(letter_id: Number, given: shapes.Mended, caller: Calling) -> shapes.Taken:
        """Take it after all, as it was sent or as it was mended. 409 when it waits no more."""
        done = await replaying.one(caller.actor, letter_id, parts.now(), given.body)
        if done.partitions:
            parts.pokes.dispatch(done.partitions)
        return shapes.Taken(taken=done.taken)

    @router.post("/{letter_id}/drop", operation_id="drop_dead_letter", responses=refusals(404, 409))
    async def drop(letter_id: Number, caller: Calling) -> shapes.LetterShown:
        """It becomes no event; it can be read for a month. 409 when it was taken."""
        async with parts.store.transaction() as session:
            found = await service.drop_letter(session, caller.actor, letter_id, parts.now())
        return shapes.LetterShown.model_validate(found)

    return router
