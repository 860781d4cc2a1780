"""The headings of the grid: what a column asks, what an output is, and changing both."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import ui

from designer.asking import plain_button
from designer.rule_builder import CANCELLED, rule_dialog
from designer.rule_builder.field_picker import pick_offer
from designer.rule_builder.offers import Offer, offers
from designer.rule_builder.saying import said_of
from designer.rule_builder.wordings import TYPE_ICONS
from designer.tables import sheet
from designer.tables.desk import Desk
from designer.tables.wordings import OUTPUT_TYPES, column_words, place_of, type_of_column
from designer.widgets import block, icon, words
from engine.rules import Type
from engine.rules.building.tree import Fact
from engine.rules.tables import Output, OutputType
from engine.rules.tables.table import ANY, NAME, RULE_COLUMN

_READABLE = (
    *(Type.TEXT, Type.NUMBER, Type.MONEY, Type.BOOLEAN, Type.DATE, Type.DATETIME, Type.SET),
    Type.PROPERTY,
)
Deed = tuple[str, str, Callable[[], Any], bool]


class Columns:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def condition_head(self, at: int, column: str) -> None:
        desk, t = self.desk, self.desk.visitor.t
        name, hint = column_words(column, desk.table, desk.catalogue, t)
        kind = type_of_column(column, desk.table, desk.catalogue)
        symbol = TYPE_ICONS.get(kind, "rule") if kind is not None else "rule"
        last = len(desk.table.columns) - 1
        move = partial(sheet.with_moved_column, desk.table, at)
        deeds: list[Deed] = [
            ("swap_horiz", t("Ask about something else"), partial(self._other, at), True),
            ("arrow_back", t("Move left"), lambda: desk.put(move(at - 1)), at > 0),
            ("arrow_forward", t("Move right"), lambda: desk.put(move(at + 1)), at < last),
            (
                "delete",
                t("Remove the column"),
                lambda: desk.put(sheet.without_column(desk.table, at)),
                last > 0,
            ),
        ]
        self._head(symbol, name, hint or t("condition"), deeds, f"column-{at}")

    def output_head(self, at: int, output: Output) -> None:
        desk, t = self.desk, self.desk.visitor.t
        last = len(desk.table.outputs) - 1
        move = partial(sheet.with_moved_output, desk.table, at)
        deeds: list[Deed] = [
            ("edit", t("Name and type"), partial(self._output, at), True),
            ("arrow_back", t("Move left"), lambda: desk.put(move(at - 1)), at > 0),
            ("arrow_forward", t("Move right"), lambda: desk.put(move(at + 1)), at < last),
            (
                "delete",
                t("Remove the column"),
                lambda: desk.put(sheet.without_output(desk.table, at)),
                last > 0,
            ),
        ]
        kind = t(OUTPUT_TYPES[output.type])
        hint = t("answer, {type}", type=kind)
        self._head("arrow_forward", output.name, hint, deeds, f"output-{at}")

    def _head(self, symbol: str, name: str, hint: str, deeds: list[Deed], mark: str) -> None:
        tag = "button" if self.desk.may_edit else "div"
        with block("tb-head", tag=tag).mark(mark) as head:
            icon(symbol, "17px")
            with block("tb-head__words"):
                words(name, "cz-clip")
                words(hint, "tb-head__hint cz-clip")
            if not self.desk.may_edit:
                return
            head.props["type"] = "button"
            head.props["aria-haspopup"] = "menu"
            icon("expand_more", "16px")
        head.on("click", partial(_open, head, deeds), args=[])

    async def pick(self, *, title: str) -> Offer | None:
        """Ask for a fact that a column can read and that has no column yet."""
        desk = self.desk
        place = place_of(desk.table, desk.catalogue)
        known = [
            one
            for one in offers(place, desk.catalogue, desk.visitor.t)
            if isinstance(one.operand, Fact) and not one.operand.in_base
            if one.operand.path not in desk.table.columns
            if type_of_column(one.operand.path or "", desk.table, desk.catalogue) in _READABLE
        ]
        return await pick_offer(desk.visitor.t, known, place, title)

    async def add(self) -> None:
        t = self.desk.visitor.t
        offer = await self.pick(title=t("Which fact decides?"))
        if offer is not None and isinstance(offer.operand, Fact) and offer.operand.path:
            self.desk.put(sheet.with_new_column(self.desk.table, offer.operand.path))

    def add_rule(self) -> None:
        self.desk.put(sheet.with_new_column(self.desk.table, RULE_COLUMN))

    def add_output(self) -> None:
        self.desk.put(sheet.with_new_output(self.desk.table))

    async def _other(self, at: int) -> None:
        offer = await self.pick(title=self.desk.visitor.t("Which fact decides?"))
        if offer is not None and isinstance(offer.operand, Fact) and offer.operand.path:
            self.desk.put(sheet.with_other_fact(self.desk.table, at, offer.operand.path))

    def _output(self, at: int) -> None:
        desk, t = self.desk, self.desk.visitor.t
        if at >= len(desk.table.outputs):
            return
        old = desk.table.outputs[at]
        # at the page: the heading that asked is drawn anew by the change
        content = ui.context.client.content
        with content, ui.dialog(value=True) as dialog, ui.card().classes("cz-dialog"):
            words(t("An answer of this table"), "cz-h2", tag="h2")
            name = ui.input(t("Short name"), value=old.name).classes("cz-field full-width")
            name.props("outlined dense maxlength=63").mark("output-name")
            kinds = {one.value: t(said) for one, said in OUTPUT_TYPES.items()}
            kind = ui.select(kinds, value=old.type.value, label=t("Type"))
            kind.classes("cz-field full-width").props("outlined dense").mark("output-type")
            refusal = words("", "cz-bad").props("role=alert")

            def save() -> None:
                wanted = (name.value or "").strip()
                taken = {one.name for here, one in enumerate(desk.table.outputs) if here != at}
                if not NAME.fullmatch(wanted):
                    refusal.set_text(t("Small letters, digits and _, with a letter first."))
                elif wanted in taken:
                    refusal.set_text(t("There is an answer of this name already."))
                else:
                    desk.put(sheet.with_output(desk.table, at, wanted, OutputType(kind.value)))
                    dialog.close()

            with block("cz-row cz-dialog__buttons"):
                plain_button(t("Cancel"), dialog.close)
                plain_button(t("Save"), save, main=True).mark("save-output")

    def rule_cell(self, row: int, column: int, cell: str, label: str) -> None:
        """A cell that holds a whole rule: said in words, changed in the builder."""
        desk, t = self.desk, self.desk.visitor.t
        document = _rule_in(cell)
        said = said_of(
            document,
            desk.catalogue,
            t,
            subject=desk.table.subject,
            event_rule=desk.table.reads_event,
        )
        shown = t("any") if document is None and cell == ANY else said or cell

        async def build() -> None:
            found = await rule_dialog(
                desk.designer,
                desk.visitor,
                desk.catalogue,
                document,
                subject=desk.table.subject,
                event_rule=desk.table.reads_event,
            )
            if found is CANCELLED:
                return
            text = ANY if found is None else json.dumps(found, ensure_ascii=False)
            desk.put(sheet.with_condition(desk.table, row, column, text))

        with block("tb-cell tb-rule", tag="button") as button:
            button.props["type"] = "button"
            button.props["aria-label"] = f"{label}: {shown}"
            button.props["disabled"] = not desk.may_edit
            button.on("click", build, args=[])
            words(shown, "cz-clip")


def _rule_in(cell: str) -> Any:
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _open(button: ui.element, deeds: list[Deed]) -> None:
    with button, ui.menu().props("auto-close no-parent-event") as menu:
        for symbol, name, deed, possible in deeds:
            if possible:
                with ui.menu_item(on_click=deed).classes("rb-menu"):
                    icon(symbol, "18px")
                    words(name)
    menu.on("hide", menu.delete, args=[])
    menu.open()
