"""The frame around every page: the rail with the rooms, the bar with title and actions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlencode

from nicegui import ui

from designer.assets import asset
from designer.rooms import AT_HAND, GROUPS, Group, Room
from designer.terms import ROLES, term
from designer.visitor import Visitor, current
from designer.widgets import anchor, block, icon, words
from engine.services.actor import may

_SCRIPTS: Final = ("zone.js", "inbox_badge.js", "editor_names.js", "rail.js")


@contextmanager
def frame(
    room: str,
    title: str,
    *,
    trail: Sequence[tuple[str, str]] = (),
    flush: bool = False,
    styles: Sequence[str] = (),
) -> Iterator[ui.element]:
    """Build the frame; the block fills the body, and the yielded element takes the bar's actions.

    `trail` are (address, words) of the places above this one. `flush` gives the body to what
    scrolls by itself. `styles` are files of the static folder that this page alone needs.
    """
    visitor = current()
    ui.page_title(f"{title} · Cadenza")
    sheets = "".join(
        f'<link rel="stylesheet" href="{asset(name)}">' for name in ("cadenza.css", *styles)
    )
    scripts = "".join(f'<script src="{asset(name)}" defer></script>' for name in _SCRIPTS)
    ui.add_head_html(sheets + scripts)
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
        with block("cz-rooms"):
            for group in GROUPS:
                _group(visitor, group, room)
        _more(t("More"))
        with block("cz-rail__foot"):
            _switches(visitor)
            with anchor("/me", classes="cz-who"):
                words(visitor.somebody.name, tag="b")
                words(term(ROLES, visitor.somebody.role, t), tag="span")
            _sign_out(t("Sign out"))


def _group(visitor: Visitor, group: Group, here: str) -> None:
    t = visitor.t
    shown = [room for room in group.rooms if room.reads is None or _may_see(visitor, room)]
    if not shown:
        return
    with block("cz-group") as place:
        place.props["role"] = "group"
        place.props["aria-label"] = t(group.name)
        words(t(group.name), "cz-group__name").props("aria-hidden=true")
        for room in shown:
            _room(room, t(room.name), active=room.address == here)


def _may_see(visitor: Visitor, room: Room) -> bool:
    return room.reads is not None and may(visitor.somebody, "read", room.reads)


def _room(room: Room, name: str, *, active: bool) -> None:
    classes = "cz-nav" + (" is-active" if active else "")
    classes += " is-at-hand" if room.address in AT_HAND else ""
    with anchor(room.address, classes=classes) as link:
        link.props["aria-label"] = name
        if active:
            link.props["aria-current"] = "page"
        icon(room.icon, "20px")
        words(name, tag="span")


def _more(name: str) -> None:
    """What opens the other rooms on a phone: the rail grows to a sheet (`rail.js`)."""
    with block("cz-more", tag="button") as button:
        button.props["type"] = "button"
        button.props["aria-label"] = name
        button.props["aria-expanded"] = "false"
        icon("menu", "22px")


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
