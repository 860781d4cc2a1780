"""What is done for a request about somebody's data: closing it, erasing, and its certificate."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.parts import Parts
from engine.api.repeating import IdempotencyKey, answer_once
from engine.api.routes.jobs import STARTED, begun
from engine.api.shapes import privacy as shapes
from engine.api.shapes.jobs import JobShown
from engine.services import privacy
from engine.services.erasing import readmit_address
from engine.services.idempotency import Answer
from engine.services.jobs import JobKind

Number = Annotated[int, Path(ge=1, le=2**53)]


def erasures_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api", tags=["privacy"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get(
        "/privacy-requests/{number}", operation_id="get_privacy_request", responses=refusals(404)
    )
    async def get(number: Number, caller: Calling) -> shapes.PrivacyRequestShown:
        """One request, with the certificate of an erasure: rows by table, and `found`, where the
        same address or full name still stands; null while nobody looked."""
        async with parts.store.transaction() as session:
            row = await privacy.request_of(session, caller.actor, number)
        return shapes.PrivacyRequestShown.model_validate(row)

    @router.post(
        "/privacy-requests/{number}/completion",
        operation_id="complete_privacy_request",
        responses=refusals(404, 409),
    )
    async def complete(number: Number, caller: Calling) -> shapes.PrivacyRequestShown:
        """The person was given their data."""
        async with parts.store.transaction() as session:
            row = await privacy.complete_export(session, caller.actor, number, parts.now())
        return shapes.PrivacyRequestShown.model_validate(row)

    @router.post(
        "/privacy-requests/{number}/erasure",
        operation_id="carry_out_erasure",
        status_code=202,
        response_model=JobShown,
        responses=refusals(404, 409) | STARTED,
    )
    async def erase(
        number: Number,
        given: shapes.Erasing,
        request: Request,
        caller: Calling,
        key: IdempotencyKey = None,
    ) -> Response:
        """Erase the person who asked for it and certify it, as a job: every text of the database
        is searched afterwards. It cannot be undone."""

        async def effect(session: AsyncSession) -> Answer:
            await privacy.erasable(session, caller.actor, number, given.contact)
            return await begun(session, caller, parts, JobKind.ERASE_PERSON, {"request": number})

        answer = await answer_once(request, caller, parts, key, effect)
        parts.pokes.jobs()
        return answer

    @router.post(
        "/suppressions/readmit",
        operation_id="readmit_address",
        status_code=204,
        responses=refusals(404),
    )
    async def readmit(given: shapes.Readmitting, caller: Calling) -> None:
        """Let the address of somebody who was erased be written to again, because its owner came
        back and asked for it."""
        async with parts.store.transaction() as session:
            await readmit_address(session, caller.actor, given.address)

    return router
