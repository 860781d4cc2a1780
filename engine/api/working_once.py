"""Requests that move something open and may be sent twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from crm_store.pauses import share_pauses
from engine.api.parts import Parts
from engine.api.repeating import answer_once
from engine.services.api_keys import Caller
from engine.services.idempotency import Answer
from engine.services.work import Work, poke_after

Act: TypeAlias = Callable[[Work], Awaitable[Answer]]


async def work_once(
    request: Request, caller: Caller, parts: Parts, key: str | None, act: Act
) -> Response:
    """`act` in one transaction with its answer, told to whom it concerns once that committed; with
    a key at most once in 24 hours."""
    done: list[Work] = []

    async def effect(session: AsyncSession) -> Answer:
        await share_pauses(session)
        work = Work(session, parts.now(), parts.shared)
        answer = await act(work)
        await work.finish()
        done.append(work)
        return answer

    answer = await answer_once(request, caller, parts, key, effect)
    for work in done:
        poke_after(parts.pokes, parts.shared, work.after)
    return answer
