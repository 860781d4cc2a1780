"""Hanging the designer into the web application."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI
from nicegui import app as gui
from nicegui import ui
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from designer import pages
from designer.assets import FOLDER
from designer.guard import Guard
from designer.inbox_badge import add_badge_route
from designer.page_policy import PageNumbers
from designer.plain.company import add_company_routes, company_of
from designer.plain.cookies import Cookies
from designer.plain.doors import add_code_route, add_link_routes, ask_for_code
from designer.plain.ended import watch_ended_sign_ins
from designer.plain.failures import failure_writer
from designer.plain.rendering import plain_page
from designer.plain.routes import add_plain_routes
from designer.runtime import Designer, Runtime
from designer.visitor import visitor_of
from engine.services.audit_log.refusals import Refusals
from engine.services.sign_in import SignIns

# How long the server keeps a page whose browser is gone: a lid closed, a train in a tunnel, a
# restart of the proxy. With NiceGUI's three seconds a short cut already reloads the page.
RECONNECT_SECONDS: Final = 60.0


def mount(app: FastAPI, runtime: Runtime) -> None:
    """Put the designer at `/` of `app`, behind a guard of its own; routes `app` has already win.

    Nothing is kept in NiceGUI's storage: preferences are cookies, everything else is in the
    database. Hence no storage secret, and no files of NiceGUI's own.
    """
    sign_ins = getattr(app.state, "sign_ins", None) or SignIns(
        runtime.store, runtime.now, secrets=runtime.secrets
    )
    refusals = getattr(app.state, "refusals", None) or Refusals(runtime.store)
    designer = Designer(runtime, sign_ins, refusals=refusals)
    # for pages that cannot be shown
    gui.state.refusals = refusals
    pages.register(designer)
    add_badge_route(gui, designer)
    cookies = Cookies(secure=runtime.public_url.startswith("https:"))
    company = company_of(runtime)
    add_plain_routes(
        gui, sign_ins, cookies, ask_for_code, company=company.label if company else None
    )
    add_code_route(gui, sign_ins, cookies)
    add_link_routes(gui, runtime)
    if company is not None:
        add_company_routes(gui, company, sign_ins, cookies)
    watch_ended_sign_ins(gui, sign_ins)
    sign_ins.on_failure = failure_writer(sign_ins)
    gui.add_exception_handler(404, _not_here)
    ui.run_with(
        app,
        title="Cadenza",
        favicon=FOLDER / "logo.svg",
        reconnect_timeout=RECONNECT_SECONDS,
        tailwind=False,
        dark=None,
        show_welcome_message=False,
    )
    # Added last, so that it stands before everything else.
    gui.add_middleware(Guard, sessions=sign_ins)
    # At the end of the list, so that it stands behind everything else.
    gui.user_middleware.append(Middleware(PageNumbers))


async def _not_here(request: Request, error: Exception) -> Response:
    if "text/html" not in request.headers.get("accept", ""):
        detail = error.detail if isinstance(error, HTTPException) else "Not found"
        return JSONResponse({"detail": detail}, 404)
    t = visitor_of(request).t
    return plain_page(
        request,
        "message",
        t("This is not here"),
        status=404,
        text=t("It was deleted, or the address has a mistake."),
    )
