"""The table somebody works on: what was done to it, what is wrong with it, who wants to hear."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from designer.runtime import Designer
from designer.visitor import Visitor
from engine.rules import Catalogue, Rule
from engine.rules.tables import (
    CompiledTable,
    Table,
    TableProblem,
    TableRefused,
    check_table,
    compile_table,
    from_document,
)
from engine.rules.wording import describe

MOST_STEPS_BACK: Final = 200


@dataclass(slots=True)
class Desk:
    """`saved` is what the database has; `revision` None: nothing yet."""

    designer: Designer
    visitor: Visitor
    catalogue: Catalogue
    table: Table
    saved: Table | None = None
    revision: int | None = None
    may_edit: bool = True
    problems: tuple[TableProblem, ...] = ()
    _back: list[Table] = field(default_factory=list)
    _ahead: list[Table] = field(default_factory=list)
    _hearing: list[Callable[[bool], None]] = field(default_factory=list)

    def hear(self, told: Callable[[bool], None]) -> None:
        """Be told of each change, and whether the grid must be drawn anew."""
        self._hearing.append(told)

    def put(self, table: Table, *, redraw: bool = True) -> None:
        if table == self.table or not self.may_edit:
            return
        self._back = [*self._back[-MOST_STEPS_BACK + 1 :], self.table]
        self._ahead = []
        self._show(table, redraw=redraw)

    def undo(self) -> None:
        if self._back:
            self._ahead.append(self.table)
            self._show(self._back.pop(), redraw=True)

    def redo(self) -> None:
        if self._ahead:
            self._back.append(self.table)
            self._show(self._ahead.pop(), redraw=True)

    @property
    def can_undo(self) -> bool:
        return bool(self._back)

    @property
    def can_redo(self) -> bool:
        return bool(self._ahead)

    @property
    def is_changed(self) -> bool:
        return self.table != self.saved

    def was_saved(self, revision: int) -> None:
        self.saved, self.revision = self.table, revision
        self._show(self.table, redraw=False)

    def _show(self, table: Table, *, redraw: bool) -> None:
        self.table = table
        for told in self._hearing:
            told(redraw)

    async def check(self) -> tuple[TableProblem, ...]:
        """Mistakes, or warnings where there are none; in a thread, for it may take a second."""
        table, catalogue = self.table, self.catalogue
        found = await asyncio.to_thread(_checked, table, catalogue)
        if table == self.table:
            self.problems = found
        return found

    def row_in_words(self, at: int) -> str:
        """What the conditions of a row ask together; empty while they cannot be read."""
        rule = self._rule(at)
        if rule is None:
            return ""
        return describe(rule.root, self.visitor.t.short, self.catalogue)

    def _rule(self, at: int) -> Rule | None:
        if not 0 <= at < len(self.table.rows):
            return None
        # without its answers, which may be wrong and say nothing of the conditions
        row = replace(self.table.rows[at], then=("",) * len(self.table.outputs))
        alone = replace(self.table, rows=(row,))
        try:
            return compile_table(alone, self.catalogue).rules[0]
        except TableRefused:
            return None


def _checked(table: Table, catalogue: Catalogue) -> tuple[TableProblem, ...]:
    try:
        compiled: CompiledTable = compile_table(from_document(table.document()), catalogue)
    except TableRefused as refused:
        return tuple(refused.problems)
    return tuple(check_table(compiled, catalogue))
