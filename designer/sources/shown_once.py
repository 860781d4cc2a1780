"""A secret that is shown this once, with what to do with it."""

from __future__ import annotations

from nicegui import ui

from designer.asking import plain_button
from designer.i18n import Translator
from designer.widgets import block, words


def show_once(
    t: Translator, title: str, text: str, secret: str, example: str = "", *, then: str
) -> None:
    """`then` is the page that is shown afterwards."""
    with ui.context.client.layout:
        dialog = ui.dialog().props("persistent")
    with dialog, ui.card().classes("cz-dialog cz-src__once") as place:
        place.props["role"] = "dialog"
        place.props["aria-label"] = title
        words(title, "cz-h2", tag="h2")
        words(t("Copy it now: it is shown this once."), "cz-strong", tag="p")
        words(secret, "cz-code", tag="code").mark("secret")
        words(text, "cz-soft", tag="p")
        if example:
            words(example, "cz-code cz-src__lines", tag="pre")
        with block("cz-row cz-dialog__buttons"):
            plain_button(t("I have copied it"), dialog.close, main=True).mark("copied")
    dialog.on("hide", lambda: ui.navigate.to(then), args=[])
    dialog.open()
