"""Signing in and out, changing the password, choosing language and theme: plain requests, because a
socket cannot set a cookie.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import FastAPI, Form, Query
from nicegui import Client
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from designer.assets import serve
from designer.i18n import N_, Translator, as_language
from designer.plain.rendering import plain_page
from designer.visitor import LANGUAGE_COOKIE, THEME_COOKIE, visitor_of
from engine.errors import LimitReached, NotSignedIn, Refused
from engine.services.sign_in import COOKIE, SignedIn, SignIns

YEAR_SECONDS: Final = 365 * 24 * 3600


def local_target(target: str) -> str:
    """The path to go on to; anything that could lead to another host becomes the start page."""
    if not target.startswith("/") or target.startswith(("//", "/\\")) or "\n" in target:
        return "/"
    return target


def add_plain_routes(app: FastAPI, sign_ins: SignIns, *, secure: bool) -> None:
    """`secure` marks cookies for https only."""

    def keep_session(response: Response, session: SignedIn) -> Response:
        response.set_cookie(
            COOKIE,
            session.token,
            expires=session.expires_at,
            httponly=True,
            samesite="lax",
            secure=secure,
        )
        return response

    @app.get("/assets/{digest}/{name}", include_in_schema=False)
    def asset_file(digest: str, name: str) -> Response:  # noqa: ARG001 - only for the cache
        return serve(name)

    @app.get("/sign-in", include_in_schema=False)
    def sign_in_page(request: Request, next: str = "/") -> Response:  # noqa: A002 - its public name
        if visitor_of(request).actor is not None:
            return RedirectResponse(local_target(next), 303)
        return _sign_in(request, onward=local_target(next))

    @app.post("/sign-in", include_in_schema=False)
    async def sign_in(
        request: Request,
        email: Annotated[str, Form(max_length=320)],
        password: Annotated[str, Form(max_length=1024)],
        next: Annotated[str, Form(max_length=2000)] = "/",  # noqa: A002 - its public name
    ) -> Response:
        t = visitor_of(request).t
        onward = local_target(next)
        address = request.client.host if request.client else ""
        try:
            session = await sign_ins.sign_in(email, password, address)
        except NotSignedIn:
            problem = t("The e-mail address or the password is wrong.")
            return _sign_in(request, onward=onward, email=email, problem=problem, status=401)
        except LimitReached as limit:
            minutes = max(
                1, round((limit.retry_after.total_seconds() if limit.retry_after else 60) / 60)
            )
            problem = t.n(
                "Too many attempts. Try again in {count} minute.",
                "Too many attempts. Try again in {count} minutes.",
                minutes,
            )
            return _sign_in(request, onward=onward, email=email, problem=problem, status=429)
        target = "/password" if session.must_change_password else onward
        return keep_session(RedirectResponse(target, 303), session)

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
        address = request.client.host if request.client else ""
        try:
            session = await sign_ins.change_password(visitor.token, current, new, address)
        except Refused as refused:
            return await _password(request, sign_ins, password_problems(refused, t))
        except LimitReached:
            problem = t("Too many attempts. Try again in a few minutes.")
            return await _password(request, sign_ins, [problem], status=429)
        except NotSignedIn:
            return RedirectResponse("/sign-in", 303)
        leave_open_pages(visitor.token)
        return keep_session(RedirectResponse("/", 303), session)

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


def leave_open_pages(token: str) -> None:
    """Pages still open in other tabs of this sign-in go to the sign-in page."""
    for client in list(Client.instances.values()):
        request = client.request
        if request is not None and visitor_of(request).token == token:
            client.open("/sign-in")


def _keep(response: Response, name: str, value: str, secure: bool) -> None:
    response.set_cookie(name, value, max_age=YEAR_SECONDS, samesite="lax", secure=secure)


def _sign_in(
    request: Request, *, onward: str, email: str = "", problem: str | None = None, status: int = 200
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
