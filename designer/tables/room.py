"""One decision table: the grid, what is to be said of it, saving, CSV both ways."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from nicegui import ui
from nicegui.events import UploadEventArguments, ValueChangeEventArguments

from designer.asking import asking_button, plain_button
from designer.rule_builder.workbench import STYLE
from designer.shell import frame
from designer.tables import sheet
from designer.tables.columns import Columns
from designer.tables.desk import Desk
from designer.tables.findings import Findings
from designer.tables.grid import Grid
from designer.tables.saving import save_table
from designer.tables.trying import Trying
from designer.tables.wordings import POLICIES, ROOM
from designer.widgets import block, card, icon, notice, words
from engine.rules.facts import RECORD_LABELS
from engine.rules.tables import HitPolicy, TableRefused, from_csv, to_csv
from engine.rules.tables.table import RULE_COLUMN
from engine.services.actor import may
from engine.services.decision_tables import delete_table

MOST_BYTES: Final = 8 * 1024 * 1024
LONGEST_LABEL: Final = 200


class TableRoom:
    """Draws a desk with everything around it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        t = desk.visitor.t
        self._columns = Columns(desk)
        title = desk.table.label if desk.revision is not None else t("New decision table")
        with frame(ROOM, title, trail=[(ROOM, t("Decision tables"))], styles=(STYLE,)) as actions:
            with actions:
                self._buttons()
            with block("cz-stack"):
                self._told = block("cz-stack cz-tight rb-told").props("role=status")
                self._head()
                with block("tb-desk"):
                    self.grid = Grid(desk, self._at_row)
                    with block("cz-stack tb-side"):
                        with card(t("Rows and people")):
                            self.findings = Findings(desk, self.grid.show_row, self._checked)
                        with card(t("Try it")):
                            Trying(desk, self.grid.show_row)
        desk.hear(lambda _: self._show_state())
        self._show_state()

    def _at_row(self, at: int | None) -> None:
        self.findings.row(at)

    def _checked(self) -> None:
        self.grid.show_problems(self.desk.problems)

    def _buttons(self) -> None:
        desk, t = self.desk, self.desk.visitor.t
        self._state = words("", "cz-soft cz-small").mark("table-state")
        plain_button(t("CSV"), self._download, symbol="download").mark("table-csv")
        if not desk.may_edit:
            return
        self._undo = self._tool("undo", t("Undo"), desk.undo)
        self._redo = self._tool("redo", t("Redo"), desk.redo)
        if desk.revision is not None and may(desk.visitor.somebody, "delete", "decision_table"):
            asking_button(
                t,
                "delete",
                t("Delete"),
                t("Delete this table?"),
                t.n(
                    "Its {count} row goes with it. Flows that ask it get no answer any more.",
                    "Its {count} rows go with it. Flows that ask it get no answer any more.",
                    len(desk.table.rows),
                ),
                self._delete,
            )
        self._save = plain_button(t("Save"), self._saved, main=True, symbol="save")
        self._save.mark("save-table")

    def _tool(self, symbol: str, name: str, click: Callable[[], None]) -> ui.element:
        with block("rb-tool", tag="button").mark(f"table-{symbol}") as button:
            button.props["type"] = "button"
            button.props["aria-label"] = button.props["title"] = name
            button.on("click", click, args=[])
            icon(symbol, "18px")
        return button

    def _head(self) -> None:
        desk, t = self.desk, self.desk.visitor.t
        with card(), block("cz-pad tb-settings"):
            if desk.revision is None:
                name = self._line(t("Short name"), desk.table.name, "name", 63)
                name.mark("table-name")
            label = self._line(t("Label"), desk.table.label, "label", LONGEST_LABEL)
            label.mark("table-label")
            policies = {one.value: t(said) for one, said in POLICIES.items()}
            policy = ui.select(policies, value=desk.table.hit.value, label=t("What answers"))
            policy.classes("cz-field").props("outlined dense options-dense").mark("table-policy")
            policy.on_value_change(self._policy)
            about = RECORD_LABELS[desk.table.subject].in_language(t.short)
            words(t("About: {subject}", subject=about), "cz-soft cz-small")
            if desk.table.reads_event:
                words(t("Reads the event at hand"), "cz-soft cz-small")
            if not desk.may_edit:
                label.disable()
                policy.disable()
                return
            plain_button(t("Condition column"), self._columns.add, symbol="add").mark("add-column")
            if RULE_COLUMN not in desk.table.columns:
                plain_button(t("Rule column"), self._columns.add_rule, symbol="rule").mark(
                    "add-rule-column"
                )
            plain_button(t("Answer column"), self._columns.add_output, symbol="add").mark(
                "add-output"
            )
            self._upload()

    def _line(self, label: str, value: str, part: str, longest: int) -> ui.input:
        def changed(event: ValueChangeEventArguments[str | None]) -> None:
            table, text = self.desk.table, " ".join((event.value or "").split())
            if part == "name":
                self.desk.put(sheet.with_name(table, text), redraw=False)
            else:
                self.desk.put(sheet.with_label(table, text), redraw=False)

        made = ui.input(label, value=value, on_change=changed).classes("cz-field")
        made.props(f"outlined dense debounce=300 maxlength={longest}")
        return made

    def _policy(self, event: ValueChangeEventArguments[str]) -> None:
        self.desk.put(sheet.with_policy(self.desk.table, HitPolicy(event.value)))

    def _upload(self) -> None:
        t = self.desk.visitor.t
        self._file = ui.upload(
            on_upload=self._arrived,
            on_rejected=lambda: self._say(t("This file is too large: 8 MiB at most."), bad=True),
            max_file_size=MOST_BYTES,
            auto_upload=True,
        ).classes("cz-hidden")
        self._file.props["accept"] = ".csv,text/csv"
        self._file.mark("table-upload")
        plain_button(
            t("From CSV"), lambda: self._file.run_method("pickFiles"), symbol="upload"
        ).mark("from-csv")

    async def _arrived(self, event: UploadEventArguments) -> None:
        t = self.desk.visitor.t
        content = await event.file.read()
        self._file.reset()
        try:
            found = from_csv(content.decode("utf-8-sig"))
        except UnicodeDecodeError:
            self._say(t("The file is not UTF-8. Save it as CSV UTF-8 and try again."), bad=True)
            return
        except TableRefused as refused:
            self._say(*(str(one) for one in refused.problems[:10]), bad=True)
            return
        table = (
            found if self.desk.revision is None else sheet.with_name(found, self.desk.table.name)
        )
        self.desk.put(table)
        rows = len(table.rows)
        self._say(
            t.n(
                "{count} row came from the file. Nothing is saved yet.",
                "{count} rows came from the file. Nothing is saved yet.",
                rows,
            )
        )

    def _download(self) -> None:
        table = self.desk.table
        ui.download.content(to_csv(table), f"{table.name}.csv", "text/csv")

    def _say(self, *lines: str, bad: bool = False) -> None:
        self._told.clear()
        with self._told:
            for line in lines:
                notice(line, "bad" if bad else "accent", "error_outline" if bad else "info")

    async def _saved(self) -> None:
        self._told.clear()
        await save_table(self.desk, partial(self._say, bad=True))

    async def _delete(self) -> None:
        desk = self.desk
        actor = await desk.designer.actor(desk.visitor.token)
        async with desk.designer.transaction() as session:
            await delete_table(session, actor, desk.table.name)
        _keep_open(self._told, False)
        ui.navigate.to(ROOM)

    def _show_state(self) -> None:
        desk, t = self.desk, self.desk.visitor.t
        if not desk.may_edit:
            return
        changed = desk.is_changed
        self._state.set_text(t("Not saved") if changed else t("Saved"))
        self._save.props["disabled"] = not changed
        self._undo.props["disabled"] = not desk.can_undo
        self._redo.props["disabled"] = not desk.can_redo
        _keep_open(self._told, changed)


def _keep_open(place: ui.element, wanted: bool) -> None:
    """Let the browser ask before somebody leaves with work that is not saved."""
    value = "(event) => event.preventDefault()" if wanted else "null"
    place.client.run_javascript(f"window.onbeforeunload = {value}")
