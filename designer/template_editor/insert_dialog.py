"""Choosing a variable by what it means, with what the made-up contact has there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from nicegui import ui

from designer.asking import plain_button
from designer.components.search_box import search_box
from designer.template_editor.words_at_hand import FILTERS, label_of, usual_expression
from designer.visitor import Visitor
from designer.widgets import block, words
from engine.services.templates.offered import Offered

MOST_SHOWN: Final = 60
_PIECES: Final = (
    "{% if contact.first_name %}\n\n{% endif %}",
    "{% if contact.score is gt 50 %}\n\n{% else %}\n\n{% endif %}",
    "{% for tag in contact.tags %}{{ tag }}{% endfor %}",
)


class InsertDialog:
    """`insert` gets the text to be put where somebody types."""

    def __init__(
        self, visitor: Visitor, offered: Sequence[Offered], insert: Callable[[str], None]
    ) -> None:
        self._visitor = visitor
        self._offered = offered
        self._insert = insert
        t = visitor.t
        with ui.dialog() as self._dialog, ui.card().classes("cz-dialog te-insert"):
            words(t("Insert a value"), "cz-h2", tag="h2")
            self._search = search_box(t("Name, meaning or value"), "", self._find)
            self._search.props("autofocus")
            self._list = block("te-insert__list").mark("insert-list")
            said = t("What is missing would hold the letter: default(…) says what is printed then.")
            words(said, "cz-soft cz-small", tag="p")
            with block("cz-row cz-dialog__buttons"):
                plain_button(t("Close"), self._dialog.close)
        self._search.on("keydown.enter", self._first, args=[])
        self._found: list[Offered] = []

    async def open(self) -> None:
        self._search.set_value("")
        await self._find("")
        self._dialog.open()

    async def _find(self, text: str) -> None:
        wanted = text.casefold().split()
        self._found = [one for one in self._offered if _fits(one, wanted)]
        t = self._visitor.t
        self._list.clear()
        with self._list:
            for one in self._found[:MOST_SHOWN]:
                self._line(f"{label_of(one, t)}", one.path, one.sample, usual_expression(one))
            if not wanted:
                words(t("Conditions and loops"), "cz-h2 te-insert__head", tag="h3")
                for piece in _PIECES:
                    self._line(piece.replace("\n\n", " … "), "", "", piece)
                words(t("Filters, written after a |"), "cz-h2 te-insert__head", tag="h3")
                for name, inserted, means in FILTERS:
                    self._line(t(means), name, "", f"| {inserted}")
            elif not self._found:
                words(t("There is no such value. Custom fields are made by an admin."), "cz-soft")

    def _line(self, title: str, path: str, sample: str, text: str) -> None:
        with block("te-insert__line", tag="button") as line:
            line.props["type"] = "button"
            line.on("click", partial(self._take, text), args=[])
            line.mark(f"insert-{path}" if path else "insert-piece")
            words(title, "cz-strong")
            words(path, "te-mono cz-small")
            words(sample, "cz-soft cz-small cz-clip")

    def _first(self) -> None:
        if self._found:
            self._take(usual_expression(self._found[0]))

    def _take(self, text: str) -> None:
        self._dialog.close()
        self._insert(text)


def _fits(one: Offered, wanted: Sequence[str]) -> bool:
    about = f"{one.path} {one.label.en} {one.label.zh} {one.sample}".casefold()
    return all(word in about for word in wanted)
