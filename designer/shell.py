"""The frame around every page: the rail with the rooms, the bar with title and actions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlencode

from nicegui import ui

from designer.assets import asset
from designer.i18n import N_
from designer.terms import ROLES, term
from designer.visitor import Visitor, current
from designer.widgets import anchor, block, icon, words
from engine.services.actor import Kind, may

# (address, icon, words, what one must be allowed to read to see it)
ROOMS: Final[tuple[tuple[str, str, str, Kind | None], ...]] = (
    ("/", "home", N_("Home"), None),
    ("/inbox", "task_alt", N_("Inbox"), "notice"),
    ("/flows", "account_tree", N_("Flows"), "flow"),
    ("/runs", "route", N_("Runs"), "run"),
    ("/messages", "forward_to_inbox", N_("Messages"), "message"),
    ("/templates", "drafts", N_("Templates"), "template"),
    ("/contacts", "people", N_("Contacts"), "contact"),
    ("/sales-figures", "query_stats", N_("Sales figures"), "deal"),
    ("/definitions", "rule", N_("Rules of work"), "pipeline"),
    ("/mailbox", "inbox", N_("Mailbox"), "mailbox"),
)


@contextmanager
def frame(
    room: str,
    title: str,
    *,
    trail: Sequence[tuple[str, str]] = (),
    flush: bool = False,
) -> Iterator[ui.element]:
    """Build the frame; the block fills the body, and the yielded element takes the bar's actions.

    `trail` are (address, words) of the places above this one. `flush` gives the body to what
    scrolls by itself.
    """
    visitor = current()
    ui.page_title(f"{title} · Cadenza")
    ui.add_head_html(
        f'<link rel="stylesheet" href="{asset("cadenza.css")}">'
        f'<script src="{asset("zone.js")}" defer></script>'
    )
    with block("cz-shell"):
        _rail(visitor, room)
        with block("cz-main"):
            with block("cz-bar", tag="header"):
                with block("cz-bar__trail", tag="nav").props("aria-label=Trail"):
                    for address, name in trail:
                        anchor(address, name)
                        icon("chevron_right", "16px")
                    words(title, tag="h1")
                actions = block("cz-bar__actions")
            body = block("cz-body is-flush" if flush else "cz-body", tag="main")
            body.props("id=main tabindex=-1")
            with body:
                yield actions


def _rail(visitor: Visitor, room: str) -> None:
    t = visitor.t
    with block("cz-rail", tag="nav") as rail:
        rail.props["aria-label"] = t("Main")
        anchor("#main", t("Skip to the content"), "cz-skip")
        with anchor("/", classes="cz-brand"):
            _logo()
            words("Cadenza", tag="span")
        for address, symbol, name, kind in ROOMS:
            if kind is not None and not may(visitor.somebody, "read", kind):
                continue
            _room(address, symbol, t(name), active=address == room)
        with block("cz-rail__foot"):
            _switches(visitor)
            with block("cz-who"):
                words(visitor.somebody.name, tag="b")
                words(term(ROLES, visitor.somebody.role, t), tag="span")
            _sign_out(t("Sign out"))


def _room(address: str, symbol: str, name: str, *, active: bool) -> None:
    with anchor(address, classes="cz-nav is-active" if active else "cz-nav") as link:
        link.props["aria-label"] = name
        if active:
            link.props["aria-current"] = "page"
        icon(symbol, "20px")
        words(name, tag="span")


def _switches(visitor: Visitor) -> None:
    t = visitor.t
    request = ui.context.client.request
    here = request.url.path + (f"?{request.url.query}" if request and request.url.query else "")
    other, name = ("en", "English") if visitor.language == "zh-CN" else ("zh-CN", "中文")
    _switch("translate", name, {"language": other, "next": here}, mark="language")
    wanted, label = ("light", t("Light")) if visitor.dark else ("dark", t("Dark"))
    symbol = "light_mode" if visitor.dark else "dark_mode"
    _switch(symbol, label, {"theme": wanted, "next": here}, mark="theme")


def _switch(symbol: str, name: str, choice: dict[str, str], *, mark: str) -> None:
    with anchor(f"/preferences?{urlencode(choice)}", classes="cz-nav").mark(mark) as link:
        link.props["aria-label"] = name
        icon(symbol, "19px")
        words(name, tag="span")


def _sign_out(name: str) -> None:
    with (
        ui.element("form").props("method=post action=/sign-out"),
        block("cz-nav", tag="button") as go,
    ):
        go.props["aria-label"] = name
        icon("logout", "19px")
        words(name, tag="span")


def _logo() -> None:
    image = ui.element("img").classes("cz-logo")
    image.props["src"] = asset("logo.svg")
    image.props["alt"] = ""
