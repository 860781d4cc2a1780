"""What is wrong or doubtful about a table, and what the row with the focus asks, in words."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from nicegui import ui

from designer.i18n import N_, Translator
from designer.rule_builder.problem_words import problem_words
from designer.tables.desk import Desk
from designer.tables.wordings import column_words, example_words
from designer.widgets import block, icon, words
from engine.rules.tables import Code, TableProblem

WAIT_SECONDS: Final = 0.6
MOST_SHOWN: Final = 30
_DOUBTS: Final = {
    Code.NEVER_TRUE: N_("Its conditions exclude each other: it never holds."),
    Code.NEVER_REACHED: N_("It is never reached: the rows before it take everybody."),
    Code.GAP: N_("Some are taken by no row. Add a last row of “any”, or leave it."),
    Code.NOT_DECIDED: N_("The table is too entangled to be checked; nothing is claimed."),
}


class Findings:
    """Checks a moment after each change. `show` is told which row somebody wants to see, `checked`
    that new findings are there.
    """

    def __init__(
        self, desk: Desk, show: Callable[[int], None], checked: Callable[[], None]
    ) -> None:
        self.desk, self._show, self._checked = desk, show, checked
        self._turn = 0
        t = desk.visitor.t
        with block("cz-pad cz-stack") as self._place:
            words(t("The row in words"), "rb-answers__title", tag="h3")
            self._said = words(t("Go to a row to read it."), "rb-said", tag="p").mark("row-said")
            words(t("What is to be said of it"), "rb-answers__title", tag="h3")
            self._list = block("cz-stack cz-tight").mark("table-findings")
            self._list.props["aria-live"] = "polite"
        self._row: int | None = None
        desk.hear(lambda _: self.begin())
        self.begin()

    def row(self, at: int | None) -> None:
        self._row = at
        t = self.desk.visitor.t
        if at is None:
            return
        said = self.desk.row_in_words(at)
        text = t("Row {row}: {said}", row=at + 1, said=said or t("it cannot be read yet"))
        self._said.set_text(text)

    def begin(self) -> None:
        self._turn += 1
        self.row(self._row)
        turn = self._turn

        async def due() -> None:
            if turn == self._turn:
                await self.desk.check()
                if turn == self._turn:
                    self.draw()
                    self._checked()

        with self._place:
            ui.timer(WAIT_SECONDS, due, once=True)

    def draw(self) -> None:
        t, found = self.desk.visitor.t, self.desk.problems
        self._list.clear()
        with self._list:
            if not found:
                with block("rb-reason__line"):
                    icon("check_circle", "18px").classes("cz-good")
                    words(t("Every row can be reached, none contradicts another, nobody is left."))
            for problem in found[:MOST_SHOWN]:
                self._finding(problem)
            if len(found) > MOST_SHOWN:
                more = len(found) - MOST_SHOWN
                words(t.n("{count} more", "{count} more", more), "cz-soft cz-small")

    def _place_of(self, problem: TableProblem) -> str:
        desk, t = self.desk, self.desk.visitor.t
        column = problem.column or ""
        if column in desk.table.columns:
            column = column_words(column, desk.table, desk.catalogue, t)[0]
        if problem.row is None:
            return column or t("The table")
        if not column:
            return t("Row {row}", row=problem.row)
        return t("Row {row}, {column}", row=problem.row, column=column)

    def _finding(self, problem: TableProblem) -> None:
        t = self.desk.visitor.t
        tone = "tb-found is-doubt" if problem.warning else "tb-found"
        with block(tone, tag="button").mark("finding") as button:
            button.props["type"] = "button"
            if problem.row is not None:
                button.on("click", partial(self._show, problem.row - 1), args=[])
            icon("help_outline" if problem.warning else "error_outline", "18px")
            with block("cz-grow"):
                words(self._place_of(problem), "cz-strong cz-small", tag="div")
                words(_message(problem, t), tag="div")
                if problem.example:
                    example = example_words(problem.example)
                    said = t("For example: {examples}", examples=example)
                    words(said, "cz-soft cz-small", tag="div")


def _message(problem: TableProblem, t: Translator) -> str:
    if problem.code is Code.OVERLAP:
        rows = ", ".join(map(str, problem.others[:6]))
        return t("It can hold together with row {rows} and answers differently.", rows=rows)
    if problem.code is Code.NEVER_REACHED and problem.others:
        rows = ", ".join(map(str, problem.others[:6]))
        return t("It is never reached: row {rows} takes everybody.", rows=rows)
    doubt = _DOUBTS.get(problem.code)
    return t(doubt) if doubt else problem_words(problem.code, problem.message, t)
