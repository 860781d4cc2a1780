"""How much waits for the person, beside the inbox in the rail; asked by the page now and then."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse

from designer.runtime import Designer
from designer.visitor import visitor_of
from engine.services.actor import Actor
from engine.services.views.inbox import MOST_COUNTED, Waiting, waiting_for
from engine.services.work import Work

PATH = "/inbox/waiting"


def add_badge_route(app: FastAPI, designer: Designer) -> None:
    @app.get(PATH, include_in_schema=False)
    async def waiting(request: Request) -> JSONResponse:
        """The number as it is shown, and the words for those who do not see it."""
        visitor = visitor_of(request)
        found = await waiting_now(designer, visitor.somebody)
        t, count = visitor.t, found.open
        shown = f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)
        label = t.n("Inbox: {count} waits for you", "Inbox: {count} wait for you", count)
        answer: dict[str, Any] = {
            "shown": shown if count else "",
            "label": label if count else t("Inbox"),
            "requests": found.requests,
        }
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})


async def waiting_now(designer: Designer, somebody: Actor) -> Waiting:
    """Of at most two seconds ago, asked once for all windows of a person."""

    async def ask() -> Waiting:
        async with designer.transaction() as session:
            work = Work(session, designer.now(), designer.runtime.shared)
            return await waiting_for(work, somebody)

    return await designer.pulses.ask(("waiting", somebody.id, somebody.sight), ask)
