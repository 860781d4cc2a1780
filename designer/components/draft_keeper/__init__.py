"""What somebody has typed and not saved, kept in their browser until it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from nicegui import ui

MOST_KEPT: Final = 500_000


class DraftKeeper(ui.element, component="draft_keeper.js"):
    """`place` tells drafts apart; `on_found` gets what was kept by an earlier visit."""

    def __init__(self, place: str, on_found: Callable[[str], None]) -> None:
        super().__init__()
        self._props["place"] = place

        def found(event: Any) -> None:
            text = event.args
            if isinstance(text, str) and 0 < len(text) <= MOST_KEPT:
                on_found(text)

        self.on("found", found, js_handler="(text) => emit(text)")

    def keep(self, text: str) -> None:
        if len(text) <= MOST_KEPT:
            self.run_method("keep", text)

    def drop(self) -> None:
        self.run_method("drop")
