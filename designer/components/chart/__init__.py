"""A chart with the table behind it, and both to take along: CSV and PNG."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from nicegui import ui

from designer.asking import plain_button
from designer.components.chart.drawing import Drawing
from designer.components.chart.series import (
    NUMBERS,
    SHARES,
    Kind,
    Series,
    Unit,
    csv_lines,
    has_something,
    money_in,
    table_columns,
    table_rows,
)
from designer.components.data_table import DataTable
from designer.formats import Formats
from designer.i18n import Translator
from designer.widgets import block, words
from engine.services.message_results.csv_text import table

__all__ = ["NUMBERS", "SHARES", "Chart", "Series", "Unit", "money_in"]

_USUAL_HEIGHT: Final = 280
_LINE_HEIGHT: Final = 34
_FUNNEL_LINE: Final = 52


class Chart:
    """A card with a title, the drawing and its table. Texts are values only, whoever wrote them.

    `categories` name the places of every series' values; `axis` is the word above them in the
    table. `said` is one sentence of what is to be seen, `empty` the words for "no data". Colours
    follow the theme; `dark` forces the dark ones.
    """

    def __init__(
        self,
        title: str,
        kind: Kind,
        series: Sequence[Series],
        categories: Sequence[str],
        *,
        t: Translator,
        unit: Unit = NUMBERS,
        dark: bool = False,
        axis: str = "",
        said: str = "",
        empty: str = "",
        height: int | None = None,
        file_name: str = "chart",
    ) -> None:
        self.title, self.kind, self.unit, self.t = title, kind, unit, t
        self.axis = axis or t("Category")
        self.file_name = re.sub(r"[^a-z0-9-]+", "-", file_name.lower()).strip("-") or "chart"
        self.series, self.categories = tuple(series), tuple(categories)
        self._formats = Formats(t.language, "UTC")
        self._height = height or self._own_height()
        self.element = block("cz-card is-dark" if dark else "cz-card", tag="section")
        self.element.props["aria-label"] = title
        with self.element:
            with block("cz-card__head"):
                words(title, "cz-h2", tag="h2")
                with block("cz-row") as self._buttons:
                    self._actions()
            self._said = words("", "cz-soft cz-small cz-pad", tag="p").style("padding-bottom: 0")
            self._empty = words(
                empty or t("Nothing in this time yet."), "cz-soft cz-pad", tag="p"
            ).mark("chart-empty")
            self._place = block().style(f"height: {self._height}px; padding: 10px 12px 4px")
            with self._place:
                self._drawing = Drawing(
                    title,
                    kind,
                    self.series,
                    self.categories,
                    unit=unit,
                    language=t.language,
                    told=f"{title}. {said}".strip(),
                )
            self._table_place = block("cz-hidden")
            with self._table_place:
                self._table = self._new_table()
        self._show_state(said)

    def show(self, series: Sequence[Series], categories: Sequence[str], said: str = "") -> None:
        """Other numbers in the same place; nothing travels when nothing moved."""
        if (tuple(series), tuple(categories)) == (self.series, self.categories):
            return
        same_heads = [one.name for one in series] == [one.name for one in self.series]
        self.series, self.categories = tuple(series), tuple(categories)
        self._drawing.show(self.series, self.categories)
        rows = table_rows(self.series, self.categories, self.unit, self._formats)
        if same_heads:
            self._table.show(rows)
        else:
            self._table_place.clear()
            with self._table_place:
                self._table = self._new_table()
        self._show_state(said)

    def csv(self) -> bytes:
        """With the mark by which a spreadsheet knows UTF-8; formulas are defused."""
        return table(csv_lines(self.axis, self.series, self.categories)).encode("utf-8-sig")

    def _own_height(self) -> int:
        if self.kind == "across":
            return max(120, 46 + _LINE_HEIGHT * len(self.categories))
        if self.kind == "funnel":
            return 24 + _FUNNEL_LINE * max(len(self.categories), 2)
        return _USUAL_HEIGHT

    def _new_table(self) -> DataTable:
        return DataTable(
            self.title,
            table_columns(self.axis, self.series),
            table_rows(self.series, self.categories, self.unit, self._formats),
        )

    def _actions(self) -> None:
        t = self.t
        named = [
            (t("Table"), t("{chart}: show the numbers as a table", chart=self.title), self._turn),
            ("CSV", t("{chart}: numbers as CSV", chart=self.title), self._download),
            ("PNG", t("{chart}: picture as PNG", chart=self.title), self._save),
        ]
        buttons = []
        for name, label, click in named:
            button = plain_button(name, click).classes("is-quiet")
            button.style("min-height: 30px; padding: 2px 9px; font-size: 12.5px")
            button.props["aria-label"] = label
            buttons.append(button.mark(f"chart-{name.lower()}"))
        self._table_button, _, self._picture_button = buttons
        self._table_button.mark("chart-table")
        self._table_button.props["aria-pressed"] = "false"

    def _show_state(self, said: str) -> None:
        something = has_something(self.series)
        self._said.set_text(said if something else "")
        _shown(self._said, bool(said) and something)
        _shown(self._empty, not something)
        _shown(self._buttons, something)
        table_open = self._table_button.props["aria-pressed"] == "true"
        _shown(self._place, something and not table_open)
        _shown(self._table_place, something and table_open)

    def _turn(self) -> None:
        now_open = self._table_button.props["aria-pressed"] != "true"
        self._table_button.props["aria-pressed"] = "true" if now_open else "false"
        self._table_button.update()
        self._show_state(self._said.text)

    def _download(self) -> None:
        ui.download.content(self.csv(), f"{self.file_name}.csv", "text/csv")

    def _save(self) -> None:
        self._drawing.save(self.file_name)


def _shown(element: ui.element, wanted: bool) -> None:
    """By class, so that the drawing keeps its place in the page."""
    element.classes(remove="cz-hidden") if wanted else element.classes(add="cz-hidden")
