"""The last step: how far the import is, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nicegui import ui

from designer.asking import plain_button
from designer.components.data_table import Cell, Column, DataTable, Row
from designer.importing.running import RunningImport
from designer.importing.words import FATES, KIND_NAMES, NOUNS
from designer.problem_words import placed_words, problem_words, refusal_words
from designer.terms import toned
from designer.widgets import block, button_link, card, chip, notice, words
from engine.errors import Refused
from engine.services.imports import Fate, ImportReport

if TYPE_CHECKING:
    from designer.importing.wizard import Wizard

EVERY_SECONDS: Final = 0.5
_LISTS: Final = {"contacts": "/contacts", "accounts": "/accounts", "tickets": "/tickets"}


class ResultStep:
    def __init__(self, wizard: Wizard, started: RunningImport) -> None:
        self._wizard, self._started = wizard, started
        self._t, self._number = wizard.visitor.t, wizard.visitor.formats.number

    def build(self) -> None:
        t, name = self._t, self._started.draft.name
        title = (
            t("Checking {file}", file=name)
            if self._started.dry_run
            else t("Importing {file}", file=name)
        )
        self._card = card(title)
        with self._card, block("cz-pad cz-stack"):
            self._bar = ui.linear_progress(value=0, show_value=False)
            self._bar.props["aria-label"] = title
            self._told = words("", "cz-number").props("role=status").mark("import-told")
            words(
                t("You may leave this page: it goes on. It is found again under Imports."),
                "cz-soft cz-small",
            )
        self._end = block("cz-stack")
        self._timer = ui.timer(EVERY_SECONDS, self._look)
        self._look()

    def _look(self) -> None:
        started, t = self._started, self._t
        self._bar.set_value(started.share)
        if not started.is_over:
            if started.progress is not None:
                self._told.set_text(
                    t(
                        "{lines} lines, {rejected} of them not taken",
                        lines=self._number(started.progress.lines),
                        rejected=self._number(started.progress.rejected),
                    )
                )
            return
        self._timer.deactivate()
        self._card.set_visibility(False)
        with self._end:
            if started.report is not None:
                self._report(started.report)
            elif started.refused is not None:
                notice(refusal_words(started.refused, self._t), "bad", "error_outline")
                refused = started.refused
                for one in refused.problems if isinstance(refused, Refused) else ():
                    words(placed_words("import", one, t), "cz-bad cz-small", tag="p")
                with block("cz-row"):
                    plain_button(t("Back to the columns"), self._back, symbol="arrow_back")

    def _report(self, report: ImportReport) -> None:
        t, started = self._t, self._started
        name = started.draft.name
        done = (
            t("{file} is checked", file=name)
            if report.dry_run
            else t("{file} is imported", file=name)
        )
        with card(done), block("cz-pad cz-stack"):
            words(t.n("{count} line", "{count} lines", report.lines), "cz-strong").mark(
                "import-done"
            )
            with block("cz-row"):
                for fate in Fate:
                    if count := report.count(fate):
                        word, tone = toned(FATES, fate.value, t)
                        chip(f"{word}: {self._number(count)}", tone)
            for noun, count in report.also_created.items():
                what = t(KIND_NAMES[NOUNS[noun]]) if noun in NOUNS else noun
                made = t("Made on the way: {what} ({count})", what=what, count=self._number(count))
                words(made, "cz-soft")
            if report.dry_run:
                notice(t("Nothing was written: this was a check."))
        if report.first_problems:
            self._problems(report)
        with block("cz-row"):
            if report.rejects is not None:
                plain_button(
                    t("Lines that were not taken, as a file"), self._download, symbol="download"
                ).mark("import-rejects")
            if report.dry_run:
                plain_button(t("Back to the columns"), self._back, symbol="arrow_back")
                plain_button(t("Import now"), self._go, main=True, symbol="upload").mark(
                    "import-go"
                )
            else:
                if started.draft.kind in _LISTS:
                    button_link(_LISTS[started.draft.kind], t("See them"), main=True)
                button_link("/imports", t("Another import"), "upload_file")

    def _problems(self, report: ImportReport) -> None:
        t = self._t
        rows = [
            Row(
                (
                    Cell(self._number(line)),
                    Cell(problem.place),
                    Cell(problem_words("import", problem.code, problem.message, t)),
                )
            )
            for line, problem in report.first_problems
        ]
        with card(t("The first problems")):
            columns = [
                Column(t("Line"), "right"),
                Column(t("Field")),
                Column(t("Reason"), wraps=True),
            ]
            DataTable(t("The first problems"), columns, rows)

    def _download(self) -> None:
        report = self._started.report
        if report is not None and report.rejects is not None and report.rejects.exists():
            stem = self._started.draft.name.rpartition(".")[0] or "lines"
            ui.download.content(report.rejects.read_bytes(), f"{stem}.rejected.csv", "text/csv")
        else:
            ui.notify(self._t("The file is not kept any more. Import again."), type="warning")

    async def _back(self) -> None:
        if self._started.draft.path is not None and self._started.draft.path.exists():
            await self._wizard.look_again()
        else:
            ui.navigate.to("/imports")

    async def _go(self) -> None:
        await self._wizard.start(dry_run=False)
