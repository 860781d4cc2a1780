"""Going to the company's own sign-in and coming back."""

from __future__ import annotations

import logging
from typing import Annotated, Final

from fastapi import FastAPI, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from designer.plain.cookies import Cookies, address_of, device_of
from designer.plain.routes import end_before, local_target
from designer.runtime import Runtime
from designer.visitor import cookies_of
from engine.errors import NotSignedIn, Unavailable
from engine.services.sign_in import Came, SignIns
from engine.services.single_sign_on.company import Company
from engine.services.single_sign_on.leavings import Leavings
from engine.services.single_sign_on.provider import Client, NotLetIn, Provider

log = logging.getLogger(__name__)
AWAY_COOKIE: Final = "cadenza_away"
BACK: Final = "/sign-in/company/back"


def company_of(runtime: Runtime) -> Company | None:
    """None where the settings name no issuer."""
    said = getattr(runtime.settings, "single_sign_on", None)
    if said is None or said.issuer is None or said.client_id is None:
        return None
    secret = said.client_secret.get_secret_value() if said.client_secret else ""
    client = Client(
        said.issuer,
        said.client_id,
        secret,
        f"{runtime.public_url}{BACK}",
        said.label,
        tuple(said.algorithms.split(",")),
    )
    return Company(runtime.store, Provider(client, runtime.outgoing, runtime.now), runtime.now)


def add_company_routes(app: FastAPI, company: Company, sign_ins: SignIns, cookies: Cookies) -> None:
    leavings = Leavings()

    @app.get("/sign-in/company", include_in_schema=False)
    async def leave(request: Request, next: str = "/") -> Response:  # noqa: A002 - its public name
        if not leavings.one_more(address_of(request)):
            return RedirectResponse("/sign-in?said=busy", 303)
        try:
            leaving = await company.leave(local_target(next))
        except (NotLetIn, Unavailable) as error:
            return _not_let_in(error)
        response = RedirectResponse(leaving.address, 303)
        response.set_cookie(
            AWAY_COOKIE,
            leaving.browser,
            max_age=600,
            path="/sign-in",
            httponly=True,
            # it must come along when the issuer sends the browser back
            samesite="lax",
            secure=cookies.secure,
        )
        return response

    @app.get(BACK, include_in_schema=False)
    async def back(
        request: Request,
        state: Annotated[str, Query(max_length=200)] = "",
        code: Annotated[str, Query(max_length=4_000)] = "",
    ) -> Response:
        browser = cookies_of(request.headers.get("cookie", "")).get(AWAY_COOKIE, "")
        try:
            found = await company.back(state, code, browser)
            came = Came(address_of(request), device_of(request), "single_sign_on")
            session = await sign_ins.begin_for(found.user_id, came)
        except (NotSignedIn, Unavailable) as error:
            if isinstance(error, NotSignedIn):
                sign_ins.failed("single_sign_on", address_of(request))
            return _not_let_in(error)
        await end_before(request, sign_ins)
        # Where to was said by our own page, before the browser left.
        response = cookies.keep_session(RedirectResponse(local_target(found.onward), 303), session)
        response.delete_cookie(AWAY_COOKIE, path="/sign-in")
        return response


def _not_let_in(error: Exception) -> Response:
    reason = error.reason if isinstance(error, NotLetIn) else type(error).__name__
    log.warning("the company's sign-in let nobody in: %s", reason)
    response = RedirectResponse("/sign-in?said=company", 303)
    response.delete_cookie(AWAY_COOKIE, path="/sign-in")
    return response
