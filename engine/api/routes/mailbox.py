"""`/api/mailbox`: what would have gone out, where mail is kept in the local mailbox."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.filters import Search
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.shapes import messages as shapes
from engine.channels.mailbox import Mailbox
from engine.errors import NotFound
from engine.services.actor import allowed

Number = Annotated[int, Path(ge=1, le=2**53)]


def mailbox_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/mailbox", tags=["messages"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get("", operation_id="list_mails", responses=refusals(404))
    async def list_(
        caller: Calling, q: Search = None, limit: Limit = 50, cursor: Cursor = None
    ) -> shapes.MailPage:
        """Mails, the newest first. 404 where mail really goes out."""
        allowed(caller.actor, "read", "mailbox")
        before = None if cursor is None else int(read_cursor(cursor, int)[0])
        box = _mailbox(parts)
        found = await asyncio.to_thread(box.page, before=before, limit=limit + 1, search=q or None)
        return shapes.MailPage(
            items=[shapes.MailLine.model_validate(one) for one in found[:limit]],
            next=cursor_of(found[limit - 1].id) if len(found) > limit else None,
        )

    @router.get("/{mail_id}", operation_id="get_mail", responses=refusals(404))
    async def get(mail_id: Number, caller: Calling) -> shapes.MailShown:
        """One mail with its parts."""
        allowed(caller.actor, "read", "mailbox")
        found = await asyncio.to_thread(_mailbox(parts).message, mail_id)
        line = shapes.MailLine.model_validate(found.summary)
        return shapes.MailShown(
            **line.model_dump(),
            headers=[shapes.MailHeader(name=name, value=value) for name, value in found.headers],
            text=found.text,
            html=found.html,
            attachments=[shapes.AttachmentShown.model_validate(one) for one in found.attachments],
        )

    return router


def _mailbox(parts: Parts) -> Mailbox:
    found: Mailbox | None = parts.mailbox
    if found is None:
        raise NotFound("Mail really goes out, so there is no mailbox to look into.")
    return found
