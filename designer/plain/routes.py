"""Signing in and out, changing the password, choosing language and theme: plain requests, because a
socket cannot set a cookie.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import FastAPI, Form, Query
from nicegui import Client
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from designer.assets import serve
from designer.i18n import N_, Translator, as_language
from designer.plain.cookies import Cookies, address_of, device_of
from designer.plain.rendering import plain_page
from designer.visitor import LANGUAGE_COOKIE, THEME_COOKIE, visitor_of
from engine.errors import LimitReached, NotSignedIn, Refused
from engine.services.sign_in import COOKIE, SecondFactorNeeded, SignIns

YEAR_SECONDS: Final = 365 * 24 * 3600


def local_target(target: str) -> str:
    """The path to go on to; anything that could lead to another host becomes the start page."""
    # browsers drop tabs and line breaks from an address, and read a backslash as a slash
    if not target.startswith("/") or target.startswith("//") or "\\" in target:
        return "/"
    if not target.isprintable():
        return "/"
    return target


def add_plain_routes(
    app: FastAPI,
    sign_ins: SignIns,
    cookies: Cookies,
    ask_for_code: Callable[[Cookies, str, str], Response],
    *,
    company: str | None = None,
) -> None:
    """`ask_for_code` goes on with a sign-in of which the password was right. `company` is what the
    company's own sign-in is called, where there is one."""
    secure = cookies.secure

    @app.get("/assets/{digest}/{name}", include_in_schema=False)
    def asset_file(digest: str, name: str) -> Response:  # noqa: ARG001 - only for the cache
        return serve(name)

    @app.get("/sign-in", include_in_schema=False)
    def sign_in_page(
        request: Request,
        next: str = "/",  # noqa: A002 - its public name
        said: Annotated[str, Query(max_length=20)] = "",
    ) -> Response:
        visitor = visitor_of(request)
        if visitor.actor is not None:
            return RedirectResponse(local_target(next), 303)
        words = visitor.t(_SAID[said]) if said in _SAID else None
        return _sign_in(request, company, onward=local_target(next), said=words)

    @app.post("/sign-in", include_in_schema=False)
    async def sign_in(
        request: Request,
        email: Annotated[str, Form(max_length=320)],
        password: Annotated[str, Form(max_length=1024)],
        next: Annotated[str, Form(max_length=2000)] = "/",  # noqa: A002 - its public name
    ) -> Response:
        t = visitor_of(request).t
        onward = local_target(next)
        try:
            session = await sign_ins.sign_in(
                email, password, address_of(request), device_of(request)
            )
        except SecondFactorNeeded as needed:
            return ask_for_code(cookies, needed.half, onward)
        except NotSignedIn:
            problem = t("The e-mail address or the password is wrong.")
            return _sign_in(
                request, company, onward=onward, email=email, problem=problem, status=401
            )
        except LimitReached as limit:
            minutes = max(
                1, round((limit.retry_after.total_seconds() if limit.retry_after else 60) / 60)
            )
            problem = t.n(
                "Too many attempts. Try again in {count} minute.",
                "Too many attempts. Try again in {count} minutes.",
                minutes,
            )
            return _sign_in(
                request, company, onward=onward, email=email, problem=problem, status=429
            )
        await end_before(request, sign_ins)
        target = "/password" if session.must_change_password else onward
        return cookies.keep_session(RedirectResponse(target, 303), session)

    @app.post("/sign-out", include_in_schema=False)
    async def sign_out(request: Request) -> Response:
        token = visitor_of(request).token
        if token:
            await sign_ins.sign_out(token)
            leave_open_pages(token)
        response = RedirectResponse("/sign-in", 303)
        response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=secure)
        return response

    @app.get("/password", include_in_schema=False)
    async def password_page(request: Request) -> Response:
        return await _password(request, sign_ins)

    @app.post("/password", include_in_schema=False)
    async def change_password(
        request: Request,
        current: Annotated[str, Form(max_length=1024)],
        new: Annotated[str, Form(max_length=1024)],
        again: Annotated[str, Form(max_length=1024)],
    ) -> Response:
        visitor = visitor_of(request)
        t = visitor.t
        if visitor.token is None:
            return RedirectResponse("/sign-in", 303)
        if new != again:
            problem = t("The two new passwords differ. Type the same one twice.")
            return await _password(request, sign_ins, [problem])
        try:
            session = await sign_ins.change_password(
                visitor.token, current, new, address_of(request), device_of(request)
            )
        except Refused as refused:
            return await _password(request, sign_ins, password_problems(refused, t))
        except LimitReached:
            problem = t("Too many attempts. Try again in a few minutes.")
            return await _password(request, sign_ins, [problem], status=429)
        except NotSignedIn:
            return RedirectResponse("/sign-in", 303)
        leave_open_pages(visitor.token)
        return cookies.keep_session(RedirectResponse("/", 303), session)

    @app.get("/preferences", include_in_schema=False)
    def preferences(
        language: Annotated[str | None, Query(max_length=20)] = None,
        theme: Annotated[str | None, Query(max_length=20)] = None,
        next: Annotated[str, Query(max_length=2000)] = "/",  # noqa: A002 - its public name
    ) -> Response:
        response = RedirectResponse(local_target(next), 303)
        if chosen := as_language(language):
            _keep(response, LANGUAGE_COOKIE, chosen, secure)
        if theme in ("light", "dark"):
            _keep(response, THEME_COOKIE, theme, secure)
        elif theme == "device":
            response.delete_cookie(THEME_COOKIE)
        return response


# What the page says to somebody who comes from another one.
_SAID: Final = {
    "set": N_("Your password is set. Sign in with it."),
    "late": N_("That took too long, or there were too many wrong codes. Sign in again."),
    "company": N_(
        "The company's sign-in did not let you in. Ask an admin whether you are invited."
    ),
    "busy": N_("Too many attempts. Try again in a few minutes."),
    "ended": N_("You were signed out here."),
}
_PASSWORD_WORDS: Final = {
    "wrong": N_("That is not the present password."),
    "too_short": N_("The new password is too short: use at least 12 characters."),
    "too_long": N_("The new password is too long: use at most 256 characters."),
    "same": N_("Use another password than the present one."),
    "not_text": N_("One of the characters of the new password is not text."),
    "guessable": N_("The new password is too easy to guess."),
}


def password_problems(refused: Refused, t: Translator) -> list[str]:
    """Each reason in the reader's language; an unknown one as the service says it."""
    return [
        t(_PASSWORD_WORDS[problem.code]) if problem.code in _PASSWORD_WORDS else problem.message
        for problem in refused.problems
    ]


async def end_before(request: Request, sign_ins: SignIns) -> None:
    """A browser that signs in anew forgets the cookie it had; nobody may go on with it then."""
    token = visitor_of(request).token
    if token:
        await sign_ins.sign_out(token)
        leave_open_pages(token)


def leave_open_pages(token: str) -> None:
    """Pages still open in other tabs of this sign-in go to the sign-in page."""
    for client in list(Client.instances.values()):
        request = client.request
        if request is not None and visitor_of(request).token == token:
            client.open("/sign-in")


def _keep(response: Response, name: str, value: str, secure: bool) -> None:
    response.set_cookie(name, value, max_age=YEAR_SECONDS, samesite="lax", secure=secure)


def _sign_in(
    request: Request,
    company: str | None,
    *,
    onward: str,
    email: str = "",
    problem: str | None = None,
    said: str | None = None,
    status: int = 200,
) -> Response:
    t = visitor_of(request).t
    return plain_page(
        request,
        "sign_in",
        t("Sign in"),
        status=status,
        here="/sign-in",
        onward=onward,
        email=email,
        problem=problem,
        said=said,
        company=company,
    )


async def _password(
    request: Request, sign_ins: SignIns, problems: list[str] | None = None, *, status: int = 422
) -> Response:
    visitor = visitor_of(request)
    session = await sign_ins.who(visitor.token or "")
    return plain_page(
        request,
        "password",
        visitor.t("Choose a password"),
        status=status if problems else 200,
        here="/password",
        must=session.must_change_password if session else False,
        problems=problems or [],
    )
