"""The ways in beside the password: a code, an invitation, a new password by mail."""

from __future__ import annotations

import logging
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import FastAPI, Form
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from designer.plain.cookies import Cookies, address_of, device_of
from designer.plain.rendering import plain_page
from designer.plain.routes import end_before, local_target, password_problems
from designer.runtime import Runtime
from designer.visitor import cookies_of, visitor_of
from engine.errors import LimitReached, NotFound, NotSignedIn, Refused
from engine.services.away import DATABASE_FAULTS
from engine.services.invitations import links
from engine.services.invitations.asking import ResetAsks
from engine.services.invitations.letters import can_mail, mail_link
from engine.services.sign_in import SecondFactorNeeded, SignIns

log = logging.getLogger(__name__)
HALF_COOKIE: Final = "cadenza_half"


def add_code_route(app: FastAPI, sign_ins: SignIns, cookies: Cookies) -> None:
    """The second half of a sign-in."""

    @app.get("/sign-in/code", include_in_schema=False)
    def code_page(request: Request, next: str = "/") -> Response:  # noqa: A002 - its public name
        if _half(request) is None:
            return RedirectResponse("/sign-in", 303)
        return _code(request, onward=local_target(next))

    @app.post("/sign-in/code", include_in_schema=False)
    async def finish(
        request: Request,
        code: Annotated[str, Form(max_length=64)],
        next: Annotated[str, Form(max_length=2000)] = "/",  # noqa: A002 - its public name
    ) -> Response:
        t, onward, half = visitor_of(request).t, local_target(next), _half(request)
        if half is None:
            return RedirectResponse("/sign-in", 303)
        try:
            session = await sign_ins.finish(half, code, address_of(request), device_of(request))
        except SecondFactorNeeded:
            problem = t("That is not the code of this moment. Wait for the next one.")
            return _code(request, onward=onward, problem=problem, status=401)
        except LimitReached:
            problem = t("Too many attempts. Try again in a few minutes.")
            return _code(request, onward=onward, problem=problem, status=429)
        except NotSignedIn:
            response = RedirectResponse("/sign-in?said=late", 303)
            response.delete_cookie(HALF_COOKIE, path="/sign-in")
            return response
        await end_before(request, sign_ins)
        target = "/password" if session.must_change_password else onward
        entered = cookies.keep_session(RedirectResponse(target, 303), session)
        entered.delete_cookie(HALF_COOKIE, path="/sign-in")
        return entered


def ask_for_code(cookies: Cookies, half: str, onward: str) -> Response:
    """On to the page that asks for the code."""
    response = RedirectResponse("/sign-in/code" + onward_query(onward), 303)
    response.set_cookie(
        HALF_COOKIE,
        half,
        max_age=300,
        path="/sign-in",
        httponly=True,
        samesite="strict",
        secure=cookies.secure,
    )
    return response


def onward_query(onward: str) -> str:
    return "" if onward == "/" else f"?next={quote(onward)}"


def add_link_routes(app: FastAPI, runtime: Runtime) -> None:
    """Choosing a password by a link, and asking for one."""
    asks = ResetAsks()

    @app.get("/forgot", include_in_schema=False)
    def forgot_page(request: Request) -> Response:
        return _forgot(request, mails=can_mail(runtime.channel))

    @app.post("/forgot", include_in_schema=False)
    def forgot(request: Request, email: Annotated[str, Form(max_length=320)]) -> Response:
        response = _forgot(request, mails=can_mail(runtime.channel), asked=True)
        if asks.one_more(email, address_of(request)):
            # after the answer, which takes as long whether there is somebody or not
            response.background = BackgroundTask(_send_reset, runtime, email.strip())
        return response

    @app.get("/set-password/{token}", include_in_schema=False)
    async def welcome(request: Request, token: str) -> Response:
        async with runtime.store.transaction() as session:
            found = await links.welcomed(session, token, runtime.now())
        return _choose(request, found)

    @app.post("/set-password/{token}", include_in_schema=False)
    async def choose(
        request: Request,
        token: str,
        new: Annotated[str, Form(max_length=1024)],
        again: Annotated[str, Form(max_length=1024)],
    ) -> Response:
        t = visitor_of(request).t
        async with runtime.store.transaction() as session:
            found = await links.welcomed(session, token, runtime.now())
        if found is None:
            return _choose(request, None)
        if new != again:
            problem = t("The two new passwords differ. Type the same one twice.")
            return _choose(request, found, [problem])
        try:
            async with runtime.store.transaction() as session:
                await links.set_password(session, token, new, runtime.now())
        except Refused as refused:
            return _choose(request, found, password_problems(refused, t))
        except NotFound:
            return _choose(request, None)
        return RedirectResponse("/sign-in?said=set", 303)


async def _send_reset(runtime: Runtime, email: str) -> None:
    try:
        async with runtime.store.transaction() as session:
            link = await links.ask_for_reset(session, email, runtime.now())
    except DATABASE_FAULTS as error:
        log.warning("a link for a new password was not made: %s", type(error).__name__)
        return
    if link is not None:
        sender = runtime.sender_settings.sender
        if not await mail_link(runtime.channel, sender, runtime.public_url, link):
            log.warning("a link for a new password could not be mailed")


def _half(request: Request) -> str | None:
    return cookies_of(request.headers.get("cookie", "")).get(HALF_COOKIE)


def _code(
    request: Request, *, onward: str, problem: str | None = None, status: int = 200
) -> Response:
    t = visitor_of(request).t
    return plain_page(
        request,
        "code",
        t("Enter the code"),
        status=status,
        here="/sign-in/code",
        onward=onward,
        problem=problem,
    )


def _forgot(request: Request, *, mails: bool, asked: bool = False) -> Response:
    t = visitor_of(request).t
    title = t("A new password")
    return plain_page(request, "forgot", title, here="/forgot", mails=mails, asked=asked)


def _choose(
    request: Request, found: links.Welcomed | None, problems: list[str] | None = None
) -> Response:
    t = visitor_of(request).t
    if found is None:
        return plain_page(
            request,
            "link_over",
            t("This link works no more"),
            status=410,
        )
    title = t("Welcome to Cadenza") if found.purpose == "invitation" else t("Choose a password")
    return plain_page(
        request,
        "set_password",
        title,
        status=422 if problems else 200,
        # the address with the token is in no other page's links
        here="/sign-in",
        found=found,
        problems=problems or [],
    )
