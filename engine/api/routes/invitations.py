"""`/api/invitations`: letting somebody in, and links for those who cannot get in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.shapes import access as shapes
from engine.services.invitations.letters import can_mail, mail_link
from engine.services.invitations.links import Link, invite, invite_again
from engine.services.invitations.waiting import list_invitations, withdraw_invitation

Number = Annotated[int, Path(ge=1, le=2**53, description="The person's number.")]


def invitations_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api", tags=["people"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get("/invitations", operation_id="list_invitations", responses=refusals())
    async def list_(
        caller: Calling, limit: Limit = 50, cursor: Cursor = None
    ) -> shapes.InvitationPage:
        """Who was invited and has not answered yet, by number."""
        after = 0 if cursor is None else int(read_cursor(cursor, int)[0])
        async with parts.store.transaction() as session:
            found = await list_invitations(
                session, caller.actor, parts.now(), after=after, limit=limit + 1
            )
        return shapes.InvitationPage(
            items=[shapes.InvitationShown.model_validate(one) for one in found[:limit]],
            next=cursor_of(found[limit - 1].user_id) if len(found) > limit else None,
        )

    @router.post(
        "/invitations", operation_id="invite_person", status_code=201, responses=refusals(409)
    )
    async def invite_(given: shapes.InvitationGiven, caller: Calling) -> shapes.LinkMade:
        """Make somebody an account, and the link by which they choose a password within seven
        days."""
        async with parts.store.transaction() as session:
            link = await invite(
                session,
                caller.actor,
                email=given.email,
                name=given.name,
                role=given.role,
                language=given.language,
                now=parts.now(),
            )
        return await _handed_over(parts, link, mail=given.mail)

    @router.delete(
        "/invitations/{user_id}",
        operation_id="withdraw_invitation",
        status_code=204,
        responses=refusals(404, 409),
    )
    async def withdraw(user_id: Number, caller: Calling) -> None:
        """Let the link open nothing any more, and deactivate its person."""
        async with parts.store.transaction() as session:
            await withdraw_invitation(session, caller.actor, user_id, parts.now())
        parts.pokes.clocks()

    @router.post(
        "/people/{user_id}/links",
        operation_id="make_password_link",
        status_code=201,
        responses=refusals(404, 409),
    )
    async def link_for(
        user_id: Number, given: shapes.LinkGiven, caller: Calling
    ) -> shapes.LinkMade:
        """A fresh link by which somebody chooses a password, once; one of before works no more."""
        async with parts.store.transaction() as session:
            link = await invite_again(session, caller.actor, user_id, parts.now())
        return await _handed_over(parts, link, mail=given.mail)

    return router


async def _handed_over(parts: Parts, link: Link, *, mail: bool) -> shapes.LinkMade:
    """By mail where mail goes out; else the link is in the answer, this once."""
    mailed = (
        mail
        and can_mail(parts.channel)
        and await mail_link(parts.channel, parts.sender_settings.sender, parts.public_url, link)
    )
    return shapes.LinkMade(
        user_id=link.user_id,
        purpose=link.purpose,
        expires_at=link.expires_at,
        mailed=mailed,
        url=None if mailed else f"{parts.public_url}{link.path}",
    )
