"""Choosing the columns of a list and their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nicegui import ui

from designer.asking import plain_button
from designer.records.words import field_name
from designer.visitor import Visitor
from designer.widgets import block, icon, words
from engine.services.views.grids import GridField
from engine.services.views.grids.state import MOST_COLUMNS


async def columns_dialog(
    visitor: Visitor,
    fields: Mapping[str, GridField],
    shown: Sequence[str],
    usual: Sequence[str],
    first: str,
) -> tuple[str, ...] | None:
    """The columns from left to right; None when the dialog was left. `first` always stays first."""
    choosing = _Choosing(visitor, fields, shown, usual, first)
    answer = await choosing.dialog
    choosing.dialog.clear()
    choosing.dialog.delete()
    return answer if isinstance(answer, tuple) else None


class _Choosing:
    def __init__(
        self,
        visitor: Visitor,
        fields: Mapping[str, GridField],
        shown: Sequence[str],
        usual: Sequence[str],
        first: str,
    ) -> None:
        self._visitor, self._fields, self._first, self._usual = visitor, fields, first, usual
        self._shown = [one for one in shown if one != first]
        t = visitor.t
        with ui.dialog() as self.dialog, ui.card().classes("cz-dialog").props("role=dialog"):
            words(t("Columns"), "cz-h2", tag="h2")
            self._place = block("cz-columns", tag="ul")
            self._add = ui.select(
                {}, label=t("Add a column"), with_input=True, on_change=self._more
            )
            self._add.props("outlined dense options-dense").classes("full-width cz-field")
            self._add.mark("add-column")
            with block("cz-row cz-dialog__buttons"):
                plain_button(t("As usual"), self._reset)
                plain_button(t("Cancel"), self.dialog.close)
                plain_button(t("Show these"), self._done, main=True).mark("use-columns")
        self._draw()

    def _draw(self) -> None:
        t = self._visitor.t
        self._place.clear()
        with self._place:
            with block("cz-column", tag="li"):
                words(field_name(self._fields[self._first], t), "cz-grow cz-soft")
            for place, name in enumerate(self._shown):
                with block("cz-column", tag="li"):
                    words(field_name(self._fields[name], t), "cz-grow")
                    last = place == len(self._shown) - 1
                    self._button("arrow_upward", t("Further left"), place, -1, off=place == 0)
                    self._button("arrow_downward", t("Further right"), place, 1, off=last)
                    self._button("close", t("Leave out"), place, 0)
        left = [one for one in self._fields if one not in self._shown and one != self._first]
        full = len(self._shown) + 1 >= MOST_COLUMNS
        self._add.set_options(
            {} if full else {one: field_name(self._fields[one], t) for one in left}, value=None
        )

    def _button(self, symbol: str, name: str, place: int, by: int, *, off: bool = False) -> None:
        def clicked() -> None:
            one = self._shown.pop(place)
            if by:
                self._shown.insert(place + by, one)
            self._draw()

        button = block("cz-button is-quiet cz-mini", tag="button").props("type=button")
        button.props["aria-label"] = name
        button.props["disabled"] = off
        button.on("click", clicked, args=[])
        with button:
            icon(symbol, "17px")

    def _more(self) -> None:
        name = self._add.value
        if name in self._fields and name not in self._shown:
            self._shown.append(name)
            self._draw()

    def _reset(self) -> None:
        self._shown = [one for one in self._usual if one != self._first]
        self._draw()

    def _done(self) -> None:
        self.dialog.submit((self._first, *self._shown))
