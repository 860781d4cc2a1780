"""`/o/{token}` and `/c/{token}`: a letter is opened, a link of it is followed.

Both answer quickly whatever happens to the counting, and lead to nothing but stored targets.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.api.public.gate import Gate
from engine.api.public.page import language_of, refusal
from engine.services.links.looks import Looks, Seen
from engine.services.links.machines import PURPOSE_HEADERS, Look, What
from engine.services.links.tokens import Kind, SignedLinks

# One transparent point, the smallest GIF there is.
PIXEL: Final = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
LONGEST_AGENT: Final = 400
_NEVER_KEPT: Final = {
    # a picture that is kept is not asked for again, and the next look would not be seen
    "Cache-Control": "no-store, max-age=0",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
# What may stand in a Location besides letters and digits (RFC 3986), percent signs as they are.
_IN_ADDRESS: Final = ":/%#?=@[]!$&'()*+,;~"


def looks_router(links: SignedLinks, looks: Looks, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(tags=["public"], include_in_schema=False)
    opens, clicks = Gate(links, Kind.OPEN, now), Gate(links, Kind.CLICK, now)

    @router.api_route("/o/{token}", methods=["GET", "HEAD"])
    async def opened(request: Request, token: str) -> Response:
        match opens.claim(request, token):
            case (int(message_id),) if opens.within(token):
                await looks.add(Seen(message_id, _look(request, What.OPEN), now()))
        # whatever the token: a broken picture in a letter helps nobody
        return Response(PIXEL, media_type="image/gif", headers=_NEVER_KEPT)

    @router.api_route("/c/{token}", methods=["GET", "HEAD"])
    async def clicked(request: Request, token: str) -> Response:
        claim = clicks.claim(request, token)
        if isinstance(claim, Response):
            return claim
        match claim:
            case (int(message_id), int(link_id)):
                url = await looks.target(link_id)
            case _:
                url = None
        if url is None:
            return refusal("gone", language_of(None, request))
        if clicks.within(token):
            at = now()
            followed = looks.moment_ago(message_id, link_id, at)
            look = _look(request, What.CLICK, moment_ago=followed)
            await looks.add(Seen(message_id, look, at, link_id, url))
        headers = {**_NEVER_KEPT, "Location": quote(url, safe=_IN_ADDRESS)}
        return Response(status_code=302, headers=headers)

    return router


def _look(request: Request, what: What, *, moment_ago: bool = False) -> Look:
    headers = request.headers
    return Look(
        what,
        request.method,
        headers.get("user-agent", "")[:LONGEST_AGENT],
        {name: headers[name] for name in PURPOSE_HEADERS if name in headers},
        moment_ago=moment_ago,
    )
