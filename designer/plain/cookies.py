"""Cookies of the doors, and from where and with what a request came."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from engine.services.sign_in import COOKIE, SignedIn


@dataclass(frozen=True, slots=True)
class Cookies:
    """`secure` marks them for https only."""

    secure: bool

    def keep_session(self, response: Response, session: SignedIn) -> Response:
        response.set_cookie(
            COOKIE,
            session.token,
            expires=session.expires_at,
            httponly=True,
            samesite="lax",
            secure=self.secure,
        )
        return response


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


def device_of(request: Request) -> str:
    return request.headers.get("user-agent", "")[:400]
