"""The foot of a list: which part is shown, and the ways to the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from designer.i18n import Translator
from designer.widgets import block, icon, words
from engine.services.views.grids import Turn


class Pager:
    def __init__(self, t: Translator, turn: Callable[[Turn], Awaitable[None]]) -> None:
        turns: list[tuple[Turn, str, str]] = [
            ("first", "first_page", t("First page")),
            ("previous", "chevron_left", t("Previous page")),
            ("next", "chevron_right", t("Next page")),
            ("last", "last_page", t("Last page")),
        ]
        with block("cz-pager"):
            self._told = words("", "cz-grow cz-number")
            self._told.props["role"] = "status"
            self._buttons = {
                which: _button(which, symbol, name, turn) for which, symbol, name in turns
            }

    def tell(self, text: str) -> None:
        self._told.set_text(text)

    def show(self, *, has_previous: bool, has_next: bool) -> None:
        for which, button in self._buttons.items():
            can = has_previous if which in ("first", "previous") else has_next
            button.props["disabled"] = not can


def _button(
    which: Turn, symbol: str, name: str, turn: Callable[[Turn], Awaitable[None]]
) -> ui.element:
    button = block("cz-button is-quiet", tag="button").props("type=button").mark(f"page-{which}")
    button.props["aria-label"] = name

    async def clicked() -> None:
        await turn(which)

    button.on("click", clicked, args=[])
    with button:
        icon(symbol, "20px")
    return button
