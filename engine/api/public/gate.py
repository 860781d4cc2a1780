"""Who comes through a signed link: the token is the permission, and nobody may knock without end.

Mail providers click for thousands of people from one address, so an address is held back only for
links that are not ours, and a link only for itself.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.responses import Response

from engine.api.public.page import language_of, refusal
from engine.services.links.tokens import BadToken, ExpiredToken, Kind, Part, SignedLinks
from engine.services.throttle import neighbourhood

BAD_LINKS: Final = RateLimitItemPerMinute(30, 1, "bad links")
ONE_LINK: Final = RateLimitItemPerMinute(30, 1, "one link")

Claim = tuple[Part, ...]


class Gate:
    """One door. Counts are per process."""

    def __init__(self, links: SignedLinks, kind: Kind, now: Callable[[], datetime]) -> None:
        self._links = links
        self._kind = kind
        self._now = now
        self._counter = MovingWindowRateLimiter(MemoryStorage())

    def claim(self, request: Request, token: str) -> Claim | Response:
        """What the token allows, or the page that says why it allows nothing."""
        try:
            claim = self._links.read(self._kind, token, self._now())
        except ExpiredToken:
            return refusal("expired", language_of(None, request))
        except BadToken:
            place = neighbourhood(request.client.host if request.client else "")
            within = self._counter.hit(BAD_LINKS, place)
            return refusal("bad" if within else "busy", language_of(None, request))
        return claim

    def within(self, token: str) -> bool:
        """Whether this link was not used too often of late; counts this use."""
        return self._counter.hit(ONE_LINK, token)

    def claim_within(self, request: Request, token: str) -> Claim | Response:
        claim = self.claim(request, token)
        if not isinstance(claim, Response) and not self.within(token):
            return refusal("busy", language_of(None, request))
        return claim
