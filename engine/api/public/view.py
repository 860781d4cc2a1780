"""`/v/{token}`: a letter once more, in the browser. Reading changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from crm_store.session import Store
from engine.api.public.gate import Gate
from engine.api.public.page import HEADERS, language_of, page
from engine.api.public.words import VIEW
from engine.services.links.tokens import Kind, SignedLinks
from engine.services.links.viewing import letter_again
from engine.services.messages import SenderSettings
from engine.services.templates import TemplateLibrary

# A letter may be any HTML. It is shown as if it came from nowhere: no script, no form, nothing of
# this server that a signed-in person could be made to do.
_LETTER_POLICY: Final = (
    "default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline'; font-src https:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


def view_router(
    store: Store,
    links: SignedLinks,
    library: TemplateLibrary,
    settings: SenderSettings,
    now: Callable[[], datetime],
) -> APIRouter:
    router = APIRouter(tags=["public"], include_in_schema=False)
    gate = Gate(links, Kind.VIEW, now)

    @router.api_route("/v/{token}", methods=["GET", "HEAD"])
    async def view(request: Request, token: str) -> Response:
        claim = gate.claim_within(request, token)
        if isinstance(claim, Response):
            return claim
        html: str | None = None
        match claim:
            case (int(effect_id),):
                async with store.transaction() as session:
                    html = await letter_again(
                        session, effect_id, library=library, settings=settings
                    )
        if html is None:
            language = language_of(None, request)
            words = VIEW[language]
            return page(language, words["gone_title"], f"<p>{words['gone']}</p>", 410)
        return HTMLResponse(html, headers={**HEADERS, "Content-Security-Policy": _LETTER_POLICY})

    return router
