"""The keys of the board, in a dialog that "?" opens as well."""

from __future__ import annotations

from typing import Final

from nicegui import ui
from nicegui.events import KeyEventArguments

from designer.asking import plain_button
from designer.i18n import N_
from designer.visitor import Visitor
from designer.widgets import block, icon, words

_KEYS: Final = (
    ("Tab", N_("to the board, and out of it")),
    ("↑ ↓ ← →", N_("from card to card")),
    ("Home, End", N_("the first and the last card of a stage")),
    ("Enter", N_("open the deal")),
    ("M", N_("choose where to move it")),
    ("Shift ← →", N_("move it to the next stage")),
    ("Esc", N_("let go of what is dragged, close what is open")),
    ("?", N_("this list")),
)


def keys_button(visitor: Visitor) -> None:
    t = visitor.t
    with ui.dialog() as dialog, ui.card().classes("cz-dialog"):
        dialog.props["aria-label"] = t("Keys")
        words(t("Keys"), "cz-h2", tag="h2")
        with block("cz-facts", tag="dl"):
            for key, said in _KEYS:
                words(key, "cz-strong", tag="dt")
                words(t(said), tag="dd")
        with block("cz-row cz-dialog__buttons"):
            plain_button(t("Close"), dialog.close)

    def pressed(event: KeyEventArguments) -> None:
        if event.action.keydown and event.key.name == "?":
            dialog.open()

    ui.keyboard(on_key=pressed, repeating=False)
    with block("cz-button is-quiet sl-wide", tag="button") as button:
        button.props["type"] = "button"
        button.props["aria-label"] = t("Keys")
        icon("keyboard", "20px")
    button.on("click", dialog.open, args=[]).mark("keys")
