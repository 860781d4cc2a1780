"""`/u/{token}`: a contact stops mail, by one click in the mail program or on a page.

Reading the page changes nothing, because programs follow links too (scanners, previews); only a
POST does (RFC 8058). No sign-in, no script, no cookie: the token is the permission.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from html import escape
from typing import Literal
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from crm_store.session import Store
from engine.errors import NotFound
from engine.services import consent
from engine.services.actor import Actor
from engine.services.messages import until_nothing_is_under_way
from engine.services.throttle import neighbourhood
from engine.services.unsubscribe import BadToken, UnsubscribeClaim, UnsubscribeLinks

MAX_BODY_BYTES = 4_096
# Mail providers click for thousands of people from one address, so an address is held back only for
# links that are not ours, and a link only for itself.
BAD_LINKS = RateLimitItemPerMinute(30, 1, "bad unsubscribe links")
ONE_LINK = RateLimitItemPerMinute(30, 1, "one unsubscribe link")

Language = Literal["en", "zh"]
_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "Unsubscribe",
        "ask": "Do you want to stop our marketing mail? We will still write to you about your "
        "orders and your account.",
        "stop": "Unsubscribe",
        "ask_all": "Or stop all mail, messages about your orders and your account included:",
        "stop_all": "Send me nothing at all",
        "done_title": "You are unsubscribed",
        "done": "You will get no more marketing mail from us.",
        "done_all": "You will get no more mail from us.",
        "bad_title": "This link does not work",
        "bad": "Please open the link in the message again, or copy all of it.",
        "busy_title": "Too many tries",
        "busy": "Please wait a minute and try again.",
    },
    "zh": {
        "title": "退订",
        "ask": "您要停止接收我们的营销邮件吗？与您的订单和账户有关的邮件仍会发送给您。",
        "stop": "退订",
        "ask_all": "或者停止接收所有邮件，包括与您的订单和账户有关的邮件：",
        "stop_all": "不再接收任何邮件",
        "done_title": "您已退订",
        "done": "我们不会再向您发送营销邮件。",
        "done_all": "我们不会再向您发送任何邮件。",
        "bad_title": "此链接无效",
        "bad": "请重新打开邮件中的链接，或完整复制该链接。",
        "busy_title": "尝试次数过多",
        "busy": "请稍候一分钟再试。",
    },
}
_STYLE = (
    "body{margin:0;background:#f3f4f6;color:#1f2937;font:16px/1.6 system-ui,sans-serif}"
    "main{max-width:32rem;margin:10vh auto;padding:2rem;background:#fff;border-radius:12px}"
    "h1{margin:0 0 1rem;font-size:1.5rem}"
    "button{font:inherit;padding:.75rem 1.5rem;border-radius:8px;"
    "border:1px solid #1d4ed8;background:#1d4ed8;color:#fff;cursor:pointer}"
    "button.quiet{background:#fff;color:#1d4ed8}p.more{margin-top:2rem}"
)
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


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
    counter = MovingWindowRateLimiter(MemoryStorage())

    def claim_of(request: Request, token: str) -> UnsubscribeClaim | Response:
        """What the token allows, or the page that says why it allows nothing."""
        try:
            claim = links.read(token)
        except BadToken:
            place = neighbourhood(request.client.host if request.client else "")
            within = counter.hit(BAD_LINKS, place)
            return _message_page("bad" if within else "busy", _preferred(request))
        if not counter.hit(ONE_LINK, token):
            return _message_page("busy", _preferred(request))
        return claim

    @router.api_route("/u/{token}", methods=["GET", "HEAD"])
    async def show(request: Request, token: str) -> Response:
        claim = claim_of(request, token)
        if isinstance(claim, Response):
            return claim
        return _ask_page(await _language(store, claim, request))

    @router.post("/u/{token}")
    async def act(request: Request, token: str) -> Response:
        claim = claim_of(request, token)
        if isinstance(claim, Response):
            return claim
        all_mail = await _wants_all(request)
        try:
            async with store.transaction() as session:
                change = await consent.withdraw(
                    session,
                    Actor("subject", claim.contact_id, f"Contact {claim.contact_id}"),
                    claim.contact_id,
                    channel=claim.channel,
                    purpose=claim.purpose,
                    source="unsubscribe_link",
                    now=now(),
                    partitions=partitions,
                    all_mail=all_mail,
                )
        except NotFound:
            # the contact was deleted; there is nobody left to write to, which is what is wanted
            return _message_page("done", _preferred(request))
        poke(change.event_partitions)
        await until_nothing_is_under_way(store, claim.contact_id)
        language = await _language(store, claim, request)
        return _message_page("done_all" if all_mail else "done", language)

    return router


async def _wants_all(request: Request) -> bool:
    """Whether the page's second button was pressed. A mail program's one click never means that,
    and anything that cannot be read is taken for one."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return False
    try:
        form = parse_qs(body.decode("ascii"), max_num_fields=10)
    except ValueError:
        return False
    return form.get("scope") == ["all"]


async def _language(store: Store, claim: UnsubscribeClaim, request: Request) -> Language:
    """The contact's, as the letter was; else what the browser asks for."""
    async with store.transaction() as session:
        language = await consent.language_of(session, claim.contact_id)
    if language is None:
        return _preferred(request)
    return "zh" if language.lower().startswith("zh") else "en"


def _preferred(request: Request) -> Language:
    wanted = request.headers.get("accept-language", "").strip().lower()
    return "zh" if wanted.startswith("zh") else "en"


def _ask_page(language: Language) -> Response:
    words = {key: escape(value) for key, value in _WORDS[language].items()}
    body = (
        f"<p>{words['ask']}</p>"
        f'<form method="post"><button name="scope" value="purpose">{words["stop"]}</button></form>'
        f'<p class="more">{words["ask_all"]}</p><form method="post">'
        f'<button class="quiet" name="scope" value="all">{words["stop_all"]}</button></form>'
    )
    return _page(language, words["title"], body)


def _message_page(kind: Literal["done", "done_all", "bad", "busy"], language: Language) -> Response:
    words = {key: escape(value) for key, value in _WORDS[language].items()}
    title = words[f"{kind.removesuffix('_all')}_title"]
    status = {"bad": 404, "busy": 429}.get(kind, 200)
    response = _page(language, title, f"<p>{words[kind]}</p>", status)
    if kind == "busy":
        response.headers["Retry-After"] = "60"
    return response


def _page(language: Language, title: str, body: str, status: int = 200) -> Response:
    tag = "zh-CN" if language == "zh" else "en"
    return HTMLResponse(
        f'<!DOCTYPE html><html lang="{tag}"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main><h1>{title}</h1>{body}</main></body></html>",
        status,
        _HEADERS,
    )
