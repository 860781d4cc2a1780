"""A list of things as a table; on a phone each row becomes a card.

Rows travel as arrays in the order of the columns, so no text of a user is ever a key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nicegui import ui

from designer.tone import Tone


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    align: Literal["left", "right"] = "left"
    wraps: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """`address` makes it a link; `tone` makes it a chip; `sub` is a second, quieter line."""

    text: str
    address: str | None = None
    sub: str = ""
    tone: Tone | None = None

    def packed(self) -> list[str | None]:
        return [self.text, self.address, self.sub, self.tone]


@dataclass(frozen=True, slots=True)
class Row:
    """`address` is the thing behind the row."""

    cells: tuple[Cell, ...]
    address: str | None = None

    def packed(self) -> list[Any]:
        return [self.address, [cell.packed() for cell in self.cells]]


class DataTable(ui.element, component="data_table.js"):
    def __init__(self, caption: str, columns: Sequence[Column], rows: Sequence[Row] = ()) -> None:
        super().__init__()
        self.rows: tuple[Row, ...] = tuple(rows)
        self._props["caption"] = caption
        self._props["columns"] = [[c.title, c.align, c.wraps] for c in columns]
        self._props["rows"] = [row.packed() for row in rows]

    def show(self, rows: Sequence[Row]) -> None:
        self.rows = tuple(rows)
        self._props["rows"] = [row.packed() for row in rows]
        self.update()

    def show_if_changed(self, rows: Sequence[Row]) -> None:
        """For numbers that are asked again and again: nothing travels when nothing moved."""
        if tuple(rows) != self.rows:
            self.show(rows)
