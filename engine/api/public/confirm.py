"""`/d/{token}`: whoever asked for messages says yes from the address they gave.

Reading the page confirms nothing, because programs follow links too; only its button does.
"""

from __future__ import annotations

from html import escape
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.api.public.door import Door
from engine.api.public.gate import Gate
from engine.api.public.page import Language, language_of, page, refusal
from engine.api.public.words import CONFIRM
from engine.errors import NotFound
from engine.services import consent
from engine.services.links.tokens import Kind
from engine.services.preferences.topics import topics_named
from engine.services.subscribing import Standing, confirm, request_standing

_LONGEST_ADDRESS: Final = 45


def confirm_router(door: Door, *, record_ip: bool) -> APIRouter:
    """`record_ip`: whether the network address of whoever confirms is kept as evidence."""
    router = APIRouter(tags=["public"], include_in_schema=False)
    gate = Gate(door.links, Kind.CONFIRM, door.now)

    @router.api_route("/d/{token}", methods=["GET", "HEAD"])
    async def show(request: Request, token: str) -> Response:
        claim = _request(gate, request, token)
        if isinstance(claim, Response):
            return claim
        request_id, _ = claim
        try:
            async with door.store.transaction() as session:
                asked, standing = await request_standing(session, request_id, door.now())
                language = language_of(
                    await consent.language_of(session, asked.contact_id), request
                )
                topics = await topics_named(session, asked.topics)
        except NotFound:
            return refusal("gone", language_of(None, request))
        words = CONFIRM[language]
        if standing is not Standing.WAITING:
            return _answer(door, standing, asked.contact_id, language)
        about = "".join(f"<li>{escape(topic.label_in(language))}</li>" for topic in topics)
        body = (
            f"<p>{escape(words['ask'])}</p>"
            + (f"<p>{escape(words['about'])}</p><ul>{about}</ul>" if about else "")
            + f'<form method="post"><button>{escape(words["yes"])}</button></form>'
            f'<p class="more soft">{escape(words["ignore"])}</p>'
        )
        return page(language, words["title"], body)

    @router.post("/d/{token}")
    async def act(request: Request, token: str) -> Response:
        claim = _request(gate, request, token)
        if isinstance(claim, Response):
            return claim
        request_id, mark = claim
        address = request.client.host[:_LONGEST_ADDRESS] if record_ip and request.client else None
        try:
            async with door.store.transaction() as session:
                done = await confirm(
                    session,
                    request_id,
                    mark=mark,
                    links=door.links,
                    now=door.now(),
                    partitions=door.partitions,
                    address=address,
                )
                asked, _ = await request_standing(session, request_id, door.now())
                language = await consent.language_of(session, asked.contact_id)
        except NotFound:
            return refusal("gone", language_of(None, request))
        door.poke(done.event_partitions)
        return _answer(door, done.standing, asked.contact_id, language_of(language, request))

    return router


def _request(gate: Gate, request: Request, token: str) -> tuple[int, str] | Response:
    """The request, and the mark of the address that its letter went to."""
    claim = gate.claim_within(request, token)
    match claim:
        case (int(request_id), str(mark)):
            return request_id, mark
        case Response():
            return claim
    return refusal("bad", language_of(None, request))


def _answer(door: Door, standing: Standing, contact_id: int, language: Language) -> Response:
    words = CONFIRM[language]
    if standing is Standing.EXPIRED:
        return page(language, words["expired_title"], f"<p>{escape(words['expired'])}</p>", 410)
    address = door.links.url(Kind.PREFERENCES, contact_id)
    body = (
        f"<p>{escape(words['done'])}</p>"
        f'<p><a href="{escape(address)}">{escape(words["preferences"])}</a></p>'
    )
    return page(language, words["done_title"], body)
