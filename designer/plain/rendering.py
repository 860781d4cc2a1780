"""Filling in a page that needs no socket."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from designer.assets import asset
from designer.i18n import LANGUAGES
from designer.security_headers import PLAIN_POLICY
from designer.visitor import visitor_of


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
    )


def plain_page(
    request: Request, name: str, title: str, *, status: int = 200, here: str = "/", **values: Any
) -> HTMLResponse:
    """`here` is where the language and theme links lead back to."""
    visitor = visitor_of(request)
    text = (
        _environment()
        .get_template(f"{name}.html")
        .render(
            visitor=visitor,
            t=visitor.t,
            title=title,
            asset=asset,
            languages=LANGUAGES,
            here=here,
            **values,
        )
    )
    return HTMLResponse(
        text,
        status,
        headers={"Content-Security-Policy": PLAIN_POLICY, "Cache-Control": "no-store"},
    )
