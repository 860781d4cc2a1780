"""The table as a grid of cells. A cell is a plain field; one listener hears them all."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from nicegui import ui
from nicegui.events import GenericEventArguments, SortableEventArguments

from designer.asking import plain_button
from designer.rule_builder.draggable import Draggable
from designer.rule_builder.problem_words import problem_words
from designer.tables import sheet
from designer.tables.columns import Columns
from designer.tables.desk import Desk
from designer.tables.wordings import HINTS, OUTPUT_HINTS, column_words, type_of_column
from designer.widgets import Words, block, icon, words
from engine.rules.tables import HitPolicy, TableProblem
from engine.rules.tables.table import ANY, MAX_CELL, RULE_COLUMN

ROWS: Final = 50
_CHANGED: Final = """(event) => {
  const cell = event.target.dataset?.cell;
  if (cell) emit([cell, event.target.value]);
}"""
_FOCUSED: Final = "(event) => { const c = event.target.dataset?.cell; if (c) emit(c); }"
# Enter goes to the cell below; Alt with an arrow moves the row; Ctrl and Enter adds one below.
_KEYS: Final = """(event) => {
  const cell = event.target.dataset?.cell;
  if (!cell) return;
  const [kind, row, at] = cell.split(":");
  const ways = {ArrowUp: "up", ArrowDown: "down"};
  if (event.altKey && ways[event.key]) { event.preventDefault(); emit([ways[event.key], row]); }
  else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault(); event.target.blur(); emit(["add", row]);
  } else if (event.key === "Enter" && !event.isComposing) {
    event.preventDefault();
    const next = `[data-cell="${kind}:${+row + (event.shiftKey ? -1 : 1)}:${at}"]`;
    const there = event.currentTarget.querySelector(next);
    if (there) { there.focus(); there.select?.(); } else event.target.blur();
  }
}"""


class Grid:
    """`at_row` is told which row has the focus, None for none."""

    def __init__(self, desk: Desk, at_row: Callable[[int | None], None]) -> None:
        self.desk = desk
        self._at_row = at_row
        self._first = 0
        self._cells: dict[str, ui.element] = {}
        self._marks: dict[int, ui.element] = {}
        self._rows: dict[int, int] = {}
        self._columns = Columns(desk)
        t = desk.visitor.t
        with block("cz-card"):
            self._place = block("tb-scroll").mark("table-grid")
            self._hint: Words = words("", "tb-hint cz-small cz-soft", tag="p")
            self._hint.props["role"] = "status"
            with block("cz-row tb-foot"):
                if desk.may_edit:
                    add = plain_button(t("Row"), self._add_last, symbol="add").mark("add-row")
                    add.props["aria-label"] = t("Add a row")
                self._pager = block("cz-row")
        desk.hear(self._heard)
        self.draw()

    def _heard(self, redraw: bool) -> None:
        if redraw:
            self.draw()

    def draw(self) -> None:
        table = self.desk.table
        self._first = min(self._first, max(0, (len(table.rows) - 1) // ROWS * ROWS))
        self._place.clear()
        self._cells.clear()
        self._marks.clear()
        self._rows.clear()
        with self._place, block("tb-table", tag="table") as grid:
            grid.on("change", self._changed, js_handler=_CHANGED)
            grid.on("focusin", self._focused, js_handler=_FOCUSED)
            grid.on("keydown", self._key, js_handler=_KEYS)
            with block("", tag="thead"), block("", tag="tr"):
                self._head()
            with Draggable("tbody") as body:
                for at in range(self._first, min(self._first + ROWS, len(table.rows))):
                    self._row(at)
        if self.desk.may_edit:
            body.make_sortable(handle=".rb-grip", on_end=self._dropped)
        self._show_pager()
        self.show_problems(self.desk.problems)

    def _head(self) -> None:
        table, t = self.desk.table, self.desk.visitor.t
        with block("tb-number", tag="th"):
            words("#")
        for at, column in enumerate(table.columns):
            with block("tb-when", tag="th"):
                self._columns.condition_head(at, column)
        if table.hit is HitPolicy.HIGHEST:
            with block("tb-score", tag="th"):
                words(t("Score"))
        for at, output in enumerate(table.outputs):
            with block("tb-then", tag="th"):
                self._columns.output_head(at, output)
        with block("tb-note", tag="th"):
            words(t("Note"))
        block("", tag="th")

    def _row(self, at: int) -> None:
        table, t = self.desk.table, self.desk.visitor.t
        row = table.rows[at]
        with Draggable("tr").classes("tb-row") as element:
            self._rows[element.id] = at
            self._marks[at] = element
            with block("tb-number", tag="td"):
                if self.desk.may_edit:
                    with block("rb-grip"):
                        icon("drag_indicator", "16px")
                words(str(at + 1))
            for column, cell in enumerate(row.when):
                name = column_words(table.columns[column], table, self.desk.catalogue, t)[0]
                label = t("Row {row}, {column}", row=at + 1, column=name)
                with block("tb-when", tag="td"):
                    if table.columns[column] == RULE_COLUMN:
                        self._columns.rule_cell(at, column, cell, label)
                    else:
                        self._cell(f"w:{at}:{column}", cell, label)
            if table.hit is HitPolicy.HIGHEST:
                with block("tb-score", tag="td"):
                    score = "" if row.score is None else f"{row.score:g}"
                    label = t("Row {row}, {column}", row=at + 1, column=t("Score"))
                    self._cell(f"s:{at}:0", score, label)
            for output, cell in enumerate(row.then):
                name = table.outputs[output].name
                label = t("Row {row}, {column}", row=at + 1, column=name)
                with block("tb-then", tag="td"):
                    self._cell(f"t:{at}:{output}", cell, label)
            with block("tb-note", tag="td"):
                label = t("Row {row}, {column}", row=at + 1, column=t("Note"))
                self._cell(f"n:{at}:0", row.note, label)
            with block("tb-tools", tag="td"):
                if self.desk.may_edit:
                    self._tools(at)

    def _cell(self, key: str, text: str, label: str) -> None:
        cell = block("tb-cell is-any" if text == "any" else "tb-cell", tag="input")
        cell.props["data-cell"] = key
        # the attribute alone: Vue would put a bound value back while somebody types
        cell.props["^value"] = text
        cell.props["maxlength"] = MAX_CELL
        cell.props["aria-label"] = label
        cell.props["spellcheck"] = "false"
        if not self.desk.may_edit:
            cell.props["readonly"] = True
        self._cells[key] = cell.mark(f"cell-{key.replace(':', '-')}")

    def _tools(self, at: int) -> None:
        t = self.desk.visitor.t
        with block("rb-tool", tag="button").mark(f"row-menu-{at}") as more:
            more.props["type"] = "button"
            more.props["aria-label"] = more.props["title"] = t("Row {row}", row=at + 1)
            more.props["aria-haspopup"] = "menu"
            icon("more_vert", "18px")
        more.on("click", partial(self._open, more, at), args=[])

    def _open(self, button: ui.element, at: int) -> None:
        t, desk = self.desk.visitor.t, self.desk
        last = len(desk.table.rows) - 1
        deeds: list[tuple[str, str, Callable[[], None], bool]] = [
            ("vertical_align_top", t("New row above"), partial(self._add, at), True),
            ("vertical_align_bottom", t("New row below"), partial(self._add, at + 1), True),
            ("content_copy", t("Duplicate"), partial(self._copy, at), True),
            ("arrow_upward", t("Move up"), partial(self._move, at, at - 1), at > 0),
            ("arrow_downward", t("Move down"), partial(self._move, at, at + 1), at < last),
            ("delete", t("Remove"), partial(self._remove, at), last > 0),
        ]
        with button, ui.menu().props("auto-close no-parent-event") as menu:
            for symbol, name, deed, possible in deeds:
                if possible:
                    with ui.menu_item(on_click=deed).classes("rb-menu"):
                        icon(symbol, "18px")
                        words(name)
        menu.on("hide", menu.delete, args=[])
        menu.open()

    def _add_last(self) -> None:
        self._first = len(self.desk.table.rows) // ROWS * ROWS
        self._add(len(self.desk.table.rows))

    def _add(self, at: int) -> None:
        self.desk.put(sheet.with_new_row(self.desk.table, at))
        self._focus(f"w:{at}:0")

    def _copy(self, at: int) -> None:
        self.desk.put(sheet.with_copied_row(self.desk.table, at))

    def _move(self, at: int, to: int) -> None:
        self.desk.put(sheet.with_moved_row(self.desk.table, at, to))
        self._focus(f"w:{to}:0")

    def _remove(self, at: int) -> None:
        self.desk.put(sheet.without_row(self.desk.table, at))

    def _dropped(self, event: SortableEventArguments) -> None:
        at = self._rows.get(event.item.id)
        if at is None:
            return
        moved = sheet.with_moved_row(self.desk.table, at, self._first + event.new_index)
        if moved == self.desk.table:
            self.draw()
        else:
            self.desk.put(moved)

    def _changed(self, event: GenericEventArguments) -> None:
        place, text = _told(event.args)
        if place is None:
            return
        kind, row, at = place
        table = self.desk.table
        match kind:
            case "w":
                table = sheet.with_condition(table, row, at, text)
            case "t":
                table = sheet.with_answer(table, row, at, text)
            case "n":
                table = sheet.with_note(table, row, text)
            case "s":
                table = sheet.with_score(table, row, score_in(text))
        self.desk.put(table, redraw=False)
        self._show_cell(f"{kind}:{row}:{at}", text)

    def _show_cell(self, key: str, typed: str) -> None:
        """What the table made of it, such as "any" of nothing."""
        cell = self._cells.get(key)
        if cell is None:
            return
        kind, row, at = _place(key) or ("", 0, 0)
        there = self.desk.table.rows[row]
        kept = {"w": there.when, "t": there.then}.get(kind)
        if kind == "w" and kept is not None:
            if kept[at] == ANY != typed:
                cell.client.run_javascript(
                    f"document.getElementById('{cell.html_id}').value = '{ANY}'"
                )
            cell.classes(add="is-any") if kept[at] == "any" else cell.classes(remove="is-any")

    def _focused(self, event: GenericEventArguments) -> None:
        place = _place(event.args)
        if place is None:
            return
        kind, row, at = place
        table, hint = self.desk.table, ""
        if kind == "w" and at < len(table.columns):
            fact_type = type_of_column(table.columns[at], table, self.desk.catalogue)
            hint = HINTS.get(fact_type, "") if fact_type is not None else ""
        elif kind == "t" and at < len(table.outputs):
            hint = OUTPUT_HINTS[table.outputs[at].type]
        t = self.desk.visitor.t
        self._hint.set_text(t("For example: {examples}", examples=hint) if hint else "")
        self._at_row(row)

    def _key(self, event: GenericEventArguments) -> None:
        match event.args:
            case [str(way), str(row)] if row.isdecimal() and len(row) < 6:
                at = int(row)
            case _:
                return
        if not self.desk.may_edit:
            return
        match way:
            case "up" if at > 0:
                self._move(at, at - 1)
            case "down" if at + 1 < len(self.desk.table.rows):
                self._move(at, at + 1)
            case "add":
                self._add(at + 1)

    def _focus(self, key: str) -> None:
        cell = self._cells.get(key)
        if cell is not None:
            cell.client.run_javascript(f"document.getElementById('{cell.html_id}')?.focus()")

    def show_row(self, at: int) -> None:
        """Turn to the page of a row and put the focus there."""
        if not self._first <= at < self._first + ROWS:
            self._first = at // ROWS * ROWS
            self.draw()
        self._focus(f"w:{at}:0")

    def show_problems(self, problems: tuple[TableProblem, ...]) -> None:
        """Rows and cells that something is to be said of."""
        table, t = self.desk.table, self.desk.visitor.t
        bad_rows = {one.row: not one.warning for one in reversed(problems) if one.row is not None}
        for at, element in self._marks.items():
            element.classes(remove="is-wrong is-doubtful")
            if at + 1 in bad_rows:
                element.classes(add="is-wrong" if bad_rows[at + 1] else "is-doubtful")
        wrong: dict[str, str] = {}
        for one in problems:
            key = _cell_of(one, table.columns, [output.name for output in table.outputs])
            if key is not None and not one.warning:
                wrong.setdefault(key, problem_words(one.code, one.message, t))
        for key, cell in self._cells.items():
            message = wrong.get(key, "")
            if (cell.props.get("title") or "") != message:
                cell.props["title"] = message
                cell.props["aria-invalid"] = "true" if message else "false"

    def _show_pager(self) -> None:
        t, total = self.desk.visitor.t, len(self.desk.table.rows)
        self._pager.clear()
        if total <= ROWS:
            return
        with self._pager:
            last = min(self._first + ROWS, total)
            first = f"{self._first + 1:,}"
            words(t("{first}-{last} of {total}", first=first, last=f"{last:,}", total=f"{total:,}"))
            for step, symbol, name in (
                (-ROWS, "chevron_left", t("Previous page")),
                (ROWS, "chevron_right", t("Next page")),
            ):
                with block("cz-button is-quiet", tag="button") as turn:
                    turn.props["type"] = "button"
                    turn.props["aria-label"] = name
                    turn.props["disabled"] = not 0 <= self._first + step < total
                    turn.on("click", partial(self._turn, step), args=[])
                    icon(symbol, "20px")

    def _turn(self, step: int) -> None:
        self._first = max(0, min(self._first + step, len(self.desk.table.rows) - 1))
        self._first -= self._first % ROWS
        self.draw()


def score_in(text: str) -> float | None:
    """A score somebody typed; nothing for what is no number."""
    try:
        found = float(text)
    except ValueError:
        return None
    return round(found, 6) if abs(found) <= sheet.LARGEST_SCORE else None


def _told(args: Any) -> tuple[tuple[str, int, int] | None, str]:
    """What a browser says of a cell: the place, and the text in it."""
    match args:
        case [str(key), str(text)] if len(text) <= MAX_CELL:
            return _place(key), text
        case _:
            return None, ""


def _place(key: Any) -> tuple[str, int, int] | None:
    if not isinstance(key, str) or len(key) > 20:
        return None
    match key.split(":"):
        case [kind, row, at] if row.isdecimal() and at.isdecimal() and kind in "wtns":
            return kind, int(row), int(at)
        case _:
            return None


def _cell_of(problem: TableProblem, columns: Any, outputs: list[str]) -> str | None:
    if problem.row is None or problem.column is None:
        return None
    if problem.column in columns:
        return f"w:{problem.row - 1}:{columns.index(problem.column)}"
    if problem.column in outputs:
        return f"t:{problem.row - 1}:{outputs.index(problem.column)}"
    return None
