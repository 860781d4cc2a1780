"""`/u/{token}`: a contact stops mail, by one click in the mail program or on a page.

Reading the page changes nothing, because programs follow links too (scanners, previews); only a
POST does (RFC 8058). No sign-in, no script, no cookie: the token is the permission.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from html import escape
from typing import Literal

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.session import Store
from engine.api.public.forms import form_of
from engine.api.public.gate import Gate
from engine.api.public.page import Language, language_of, page
from engine.api.public.words import UNSUBSCRIBE
from engine.errors import NotFound
from engine.services import consent
from engine.services.actor import Actor
from engine.services.links.tokens import Kind
from engine.services.messages import until_nothing_is_under_way
from engine.services.preferences import Choice, Topic, choose
from engine.services.preferences.topics import topics_named
from engine.services.unsubscribe import UnsubscribeClaim, UnsubscribeLinks, claim_in

SOURCE = "unsubscribe_link"
Scope = Literal["purpose", "topic", "all"]


def unsubscribe_router(
    store: Store,
    links: UnsubscribeLinks,
    *,
    now: Callable[[], datetime],
    partitions: int,
    poke: Callable[[Collection[int]], None],
) -> APIRouter:
    """The two routes. `poke` tells the dispatch drivers of these partitions that an event came."""
    router = APIRouter(tags=["public"], include_in_schema=False)
    gate = Gate(links.signed, Kind.UNSUBSCRIBE, now)

    def claim_of(request: Request, token: str) -> UnsubscribeClaim | Response:
        """What the token allows, or the page that says why it allows nothing."""
        parts = gate.claim_within(request, token)
        return parts if isinstance(parts, Response) else claim_in(parts)

    @router.api_route("/u/{token}", methods=["GET", "HEAD"])
    async def show(request: Request, token: str) -> Response:
        claim = claim_of(request, token)
        if isinstance(claim, Response):
            return claim
        async with store.transaction() as session:
            language = language_of(await consent.language_of(session, claim.contact_id), request)
            topics = await topics_named(session, [claim.topic] if claim.topic else [])
        preferences = links.signed.url(Kind.PREFERENCES, claim.contact_id)
        return _ask_page(language, topics[0] if topics else None, preferences)

    @router.post("/u/{token}")
    async def act(request: Request, token: str) -> Response:
        claim = claim_of(request, token)
        if isinstance(claim, Response):
            return claim
        scope = await _scope(request, claim)
        try:
            async with store.transaction() as session:
                change = await _stop(session, claim, scope, now(), partitions)
                language = language_of(
                    await consent.language_of(session, claim.contact_id), request
                )
        except NotFound:
            # the contact was deleted; there is nobody left to write to, which is what is wanted
            return _done_page("purpose", language_of(None, request), leaving=False)
        poke(change.event_partitions)
        ended = await until_nothing_is_under_way(store, claim.contact_id)
        return _done_page(scope, language, leaving=not ended)

    return router


async def _stop(
    session: AsyncSession, claim: UnsubscribeClaim, scope: Scope, now: datetime, partitions: int
) -> consent.ConsentChange:
    actor = Actor("subject", claim.contact_id, f"Contact {claim.contact_id}")
    if scope == "topic" and claim.topic is not None:
        off = Choice(topics={claim.topic: False})
        return await choose(
            session,
            actor,
            claim.contact_id,
            off,
            source=SOURCE,
            now=now,
            partitions=partitions,
        )
    return await consent.withdraw(
        session,
        actor,
        claim.contact_id,
        channel=claim.channel,
        purpose=claim.purpose,
        source=SOURCE,
        now=now,
        partitions=partitions,
        all_mail=scope == "all",
    )


async def _scope(request: Request, claim: UnsubscribeClaim) -> Scope:
    """Which button of the page was pressed. A mail program's one click is the purpose, and anything
    that cannot be read is taken for one."""
    match (await form_of(request)).get("scope"):
        case ["all"]:
            return "all"
        case ["topic"] if claim.topic is not None:
            return "topic"
    return "purpose"


def _ask_page(language: Language, topic: Topic | None, preferences: str) -> Response:
    words = {key: escape(value) for key, value in UNSUBSCRIBE[language].items()}
    parts = []
    if topic is not None:
        about = escape(topic.label_in(language))
        parts.append(
            f"<p>{words['ask_topic'].format(topic=about)}</p>"
            f'<form method="post"><button name="scope" value="topic">'
            f"{words['stop_topic'].format(topic=about)}</button></form>"
        )
    asked = '<p class="more">' if topic is not None else "<p>"
    quiet = ' class="quiet"' if topic is not None else ""
    parts.append(
        f"{asked}{words['ask']}</p>"
        f'<form method="post"><button{quiet} name="scope" value="purpose">{words["stop"]}</button>'
        f'</form><p class="more">{words["ask_all"]}</p><form method="post">'
        f'<button class="quiet" name="scope" value="all">{words["stop_all"]}</button></form>'
        f'<p class="more"><a href="{escape(preferences)}">{words["choose"]}</a></p>'
    )
    return page(language, UNSUBSCRIBE[language]["title"], "".join(parts))


def _done_page(scope: Scope, language: Language, *, leaving: bool) -> Response:
    words = UNSUBSCRIBE[language]
    title = words["done_topic_title" if scope == "topic" else "done_title"]
    more = f"<p>{escape(words['leaving'])}</p>" if leaving else ""
    return page(language, title, f"<p>{escape(words[f'done_{scope}'])}</p>{more}")
