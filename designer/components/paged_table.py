"""A table that shows one page of a long list and turns pages in place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from nicegui import ui

from designer.components.data_table import Column, DataTable, Row
from designer.i18n import Translator
from designer.widgets import Words, ask_to_sign_in, block, icon, words
from engine.errors import NotSignedIn

Turn = Literal["first", "previous", "next", "last"]


@dataclass(frozen=True, slots=True)
class Fetched:
    """`told` says which part of how much is shown, such as "1-50 of 2,357"."""

    rows: tuple[Row, ...]
    has_previous: bool
    has_next: bool
    told: str = ""


class PagedTable:
    """`fetch` is asked for the page after a turn and keeps its own place in the list.

    `empty` draws what is shown instead when the list has nothing.
    """

    def __init__(
        self,
        caption: str,
        columns: Sequence[Column],
        fetch: Callable[[Turn], Awaitable[Fetched]],
        empty: Callable[[], object],
        t: Translator,
        *,
        has_last: bool = False,
    ) -> None:
        self._fetch = fetch
        with block("cz-card") as self.card:
            self._table = DataTable(caption, columns)
            with block("cz-pager") as self._pager:
                self._told: Words = words("", "cz-grow cz-number")
                self._told.props["role"] = "status"
                turns: list[tuple[Turn, str, str]] = [
                    ("first", "first_page", t("First page")),
                    ("previous", "chevron_left", t("Previous page")),
                    ("next", "chevron_right", t("Next page")),
                    ("last", "last_page", t("Last page")),
                ]
                self._buttons = {
                    turn: self._button(turn, symbol, name)
                    for turn, symbol, name in turns
                    if turn != "last" or has_last
                }
        with block("cz-card") as self._nothing:
            empty()

    def _button(self, turn: Turn, symbol: str, name: str) -> ui.element:
        button = block("cz-button is-quiet", tag="button").mark(f"page-{turn}")
        button.props["aria-label"] = name
        button.props["type"] = "button"

        async def clicked() -> None:
            await self.turn(turn)

        button.on("click", clicked, args=[])
        with button:
            icon(symbol, "20px")
        return button

    async def turn(self, turn: Turn = "first") -> None:
        try:
            page = await self._fetch(turn)
        except NotSignedIn:
            ask_to_sign_in()
            return
        self._table.show(page.rows)
        self._told.set_text(page.told)
        for name, button in self._buttons.items():
            can = page.has_previous if name in ("first", "previous") else page.has_next
            button.props["disabled"] = not can
        alone = not (page.has_previous or page.has_next)
        show(self._pager, bool(page.told) or not alone)
        show(self.card, bool(page.rows))
        show(self._nothing, not page.rows)


def show(element: ui.element, wanted: bool) -> None:
    """By class, so that hiding needs no second rendering."""
    if wanted:
        element.classes(remove="cz-hidden")
    else:
        element.classes(add="cz-hidden")
