"""A table whose rows can be chosen and whose columns put it in order.

Rows travel as arrays in the order of the columns, so no text of a user is ever a key. What changes
after the first drawing goes through `run_method`; the props are kept current for a page that is
drawn anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from nicegui.events import GenericEventArguments

from designer.components.data_table import Column, DataTable, Row

_AS_IT_IS: Final = "(value) => emit(value)"


@dataclass(frozen=True, slots=True)
class GridRow(Row):
    """A row of the record with this number."""

    id: int = 0


@dataclass(frozen=True, slots=True)
class Heading:
    """`orders` says that a click puts the list in this order; `standing` is its place in the order
    (1 is the first), negative when it falls, 0 when it is not in it."""

    column: Column
    orders: bool = False
    standing: int = 0

    def packed(self) -> list[Any]:
        return [self.column.title, self.column.align, self.orders, self.standing]


class RecordGrid(DataTable, component="record_grid.js"):
    def __init__(
        self,
        caption: str,
        labels: Mapping[str, str],
        *,
        chooses: bool,
        on_choose: Callable[[list[Any], bool], Any],
        on_order: Callable[[int, bool], Any],
    ) -> None:
        """`on_choose` gets numbers and whether they were chosen, `on_order` the place of a column
        and whether it joins the order there is. Both come from a browser unchecked."""
        super().__init__(caption, ())
        self.chooses = chooses
        self._props["labels"] = dict(labels)
        self._props["chooses"] = chooses
        self._props["headings"] = []
        self._props["chosen"] = []

        def chosen(event: GenericEventArguments) -> Any:
            ids, wanted = _pair(event.args)
            return on_choose(ids if isinstance(ids, list) else [], wanted is True)

        def ordered(event: GenericEventArguments) -> Any:
            place, joins = _pair(event.args)
            return on_order(place, joins is True) if isinstance(place, int) else None

        self.on("choose", chosen, js_handler=_AS_IT_IS)
        self.on("order", ordered, js_handler=_AS_IT_IS)

    def put(self, headings: Sequence[Heading], rows: Sequence[GridRow], chosen: set[int]) -> None:
        """Everything that is seen, at once."""
        self.rows = tuple(rows)
        packed = [[row.id, *row.packed()] for row in rows]
        heads = [one.packed() for one in headings]
        here = [row.id for row in rows if row.id in chosen]
        with self._props.suspend_updates():
            self._props["headings"], self._props["rows"] = heads, packed
            self._props["chosen"] = here
        self.run_method("put", heads, packed, here)

    def choose(self, chosen: set[int]) -> None:
        """Which rows are ticked."""
        here = [row.id for row in self.rows if isinstance(row, GridRow) and row.id in chosen]
        with self._props.suspend_updates():
            self._props["chosen"] = here
        self.run_method("mark", here)


def _pair(given: object) -> tuple[Any, Any]:
    return (given[0], given[1]) if isinstance(given, list) and len(given) == 2 else (None, None)
