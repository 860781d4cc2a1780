"""The third step: the first lines as they would go in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from designer.asking import plain_button
from designer.components.data_table import Cell, Column, DataTable, Row
from designer.i18n import Translator
from designer.importing.words import FATES, field_words
from designer.problem_words import placed_words
from designer.terms import toned
from designer.widgets import block, card, chip, notice, words
from engine.services.imports import Fate, ImportReport, PreviewLine

if TYPE_CHECKING:
    from designer.importing.wizard import Wizard

MOST_COLUMNS = 8


class PreviewStep:
    def __init__(self, wizard: Wizard, report: ImportReport) -> None:
        self._wizard, self._report = wizard, report
        self._t = wizard.visitor.t

    def build(self) -> None:
        t, report = self._t, self._report
        lines = report.preview
        with card(t("The first {count} lines", count=len(lines))):
            with block("cz-row cz-pad"):
                for fate in Fate:
                    if count := report.count(fate):
                        word, tone = toned(FATES, fate.value, t)
                        chip(f"{word}: {count}", tone)
            if lines:
                self._table(lines)
            else:
                words(t("The file has no lines below its head."), "cz-soft cz-pad", tag="p")
        notice(
            t(
                "Nothing is written yet. “Check the whole file” goes through all lines and writes "
                "nothing either."
            )
        )
        with block("cz-row"):
            plain_button(t("Back to the columns"), self._wizard.name_columns, symbol="arrow_back")
            plain_button(t("Check the whole file"), self._check, symbol="fact_check").mark(
                "import-check"
            )
            plain_button(t("Import now"), self._go, main=True, symbol="upload").mark("import-go")

    def _table(self, found: Sequence[PreviewLine]) -> None:
        t = self._t
        names = list(dict.fromkeys(name for one in found for name in one.fields))[:MOST_COLUMNS]
        columns = [
            Column(t("Line"), "right"),
            Column(t("Becomes")),
            *([Column(t("Reason"), wraps=True)] if any(one.problems for one in found) else []),
            *(Column(field_words(name, self._wizard.custom, t)) for name in names),
        ]
        rows = [
            Row(
                (
                    Cell(str(one.number)),
                    _fate(one, t),
                    *([_reason(one, t)] if any(other.problems for other in found) else []),
                    *(Cell(one.fields.get(name, "")) for name in names),
                )
            )
            for one in found
        ]
        DataTable(t("The first lines"), columns, rows)

    async def _check(self) -> None:
        await self._wizard.start(dry_run=True)

    async def _go(self) -> None:
        await self._wizard.start(dry_run=False)


def _fate(one: PreviewLine, t: Translator) -> Cell:
    word, tone = toned(FATES, one.fate.value, t)
    return Cell(word, tone=tone)


def _reason(one: PreviewLine, t: Translator) -> Cell:
    return Cell("; ".join(placed_words("import", problem, t) for problem in one.problems))
