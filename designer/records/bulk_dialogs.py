"""The questions before a deed for many: to whom, which tags, which value, which flow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nicegui import ui

from designer.asking import plain_button
from designer.records.condition_dialog import NOBODY
from designer.records.edit_field import field_input
from designer.records.words import FIELD_NAMES
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import block, words
from engine.services.custom_fields import list_custom_fields
from engine.services.records import SetField, editable_fields
from engine.services.records.editing import LONGEST_TAG
from engine.services.segments.looking import list_segments
from engine.services.views.flows import flow_list
from engine.services.views.grids import GridRecord


async def ask_owner(visitor: Visitor, people: Mapping[int, str]) -> int | None:
    """The number of a person, `NOBODY`, or None when nothing was chosen."""
    t = visitor.t
    options = {NOBODY: t("Nobody"), **people}
    with ui.dialog() as dialog, ui.card().classes("cz-dialog"):
        words(t("Who is to have them?"), "cz-h2", tag="h2")
        field = ui.select(options, label=t("Owner"), with_input=True).mark("bulk-owner")
        field.props("outlined dense options-dense autofocus").classes("full-width cz-field")
        _buttons(t, dialog, t("Go on"), lambda: field.value)
    answer: int | None = await _answer(dialog)
    return answer


async def ask_tags(
    visitor: Visitor, title: str, known: Sequence[str], *, new: bool
) -> tuple[str, ...]:
    t = visitor.t
    with ui.dialog() as dialog, ui.card().classes("cz-dialog"):
        words(title, "cz-h2", tag="h2")
        field = ui.select(
            list(known),
            label=t("Tags"),
            multiple=True,
            with_input=True,
            new_value_mode="add-unique" if new else None,
        )
        field.props(f"outlined dense options-dense use-chips autofocus maxlength={LONGEST_TAG}")
        field.classes("full-width cz-field").mark("bulk-tags")
        if new:
            field.props["hint"] = t("Write a new tag and press Enter.")
        _buttons(t, dialog, t("Go on"), lambda: tuple(field.value or ()) or None)
    return await _answer(dialog) or ()


async def ask_field(
    designer: Designer, visitor: Visitor, record: GridRecord
) -> tuple[SetField, str] | None:
    """The order, and what it does in words."""
    if record == "ticket":
        return None
    t = visitor.t
    async with designer.transaction() as session:
        custom = await list_custom_fields(session, record)
    fields = {name: one for name, one in editable_fields(record, custom).items() if one.alike}

    def name_of(name: str) -> str:
        label = fields[name].label
        if label is not None:
            return label[1] if t.short == "zh" else label[0]
        return t(FIELD_NAMES[name])

    with ui.dialog() as dialog, ui.card().classes("cz-dialog"):
        words(t("Change a field"), "cz-h2", tag="h2")
        which = ui.select({name: name_of(name) for name in fields}, label=t("Field"))
        which.props("outlined dense options-dense").classes("full-width cz-field")
        which.mark("bulk-field")
        place = block("full-width")
        read: list[Callable[[], Any]] = []

        def draw() -> None:
            place.clear()
            read.clear()
            if which.value in fields:
                with place:
                    read.append(
                        field_input(fields[which.value], None, visitor, label=t("New value"))
                    )

        which.on_value_change(draw)
        words(t("Left empty, the value is taken away."), "cz-soft cz-small")
        _buttons(
            t,
            dialog,
            t("Go on"),
            lambda: (which.value, read[0]()) if which.value and read else None,
        )
    answer = await _answer(dialog)
    if answer is None:
        return None
    name, value = answer
    if value in (None, "", []):
        return SetField(name, None), t("Empty the field {field}", field=name_of(name))
    said = t("Set {field} to “{value}”", field=name_of(name), value=value)
    return SetField(name, value), said


async def ask_list(designer: Designer, visitor: Visitor) -> tuple[str, str] | None:
    """The name of a static list, and its label."""
    t = visitor.t
    async with designer.transaction() as session:
        found = await list_segments(session, visitor.somebody)
    lists = {
        one.name: one.label_zh or one.label if t.short == "zh" else one.label
        for one in found
        if one.kind == "static"
    }
    with ui.dialog() as dialog, ui.card().classes("cz-dialog"):
        words(t("Put on a list"), "cz-h2", tag="h2")
        if not lists:
            words(
                t("There is no list yet. Make a segment that is a list by hand first."), "cz-soft"
            )
        field = ui.select(lists, label=t("List"), with_input=True).mark("bulk-list")
        field.props("outlined dense options-dense").classes("full-width cz-field")
        _buttons(t, dialog, t("Go on"), lambda: field.value)
    name = await _answer(dialog)
    return None if name is None else (name, lists.get(name, name))


async def ask_flow(designer: Designer, visitor: Visitor, count: str) -> str | None:
    t = visitor.t
    async with designer.transaction() as session:
        flows = await flow_list(session, visitor.somebody)
    live = {one.name: one.label for one in flows if one.state == "active"}
    with ui.dialog() as dialog, ui.card().classes("cz-dialog"):
        words(t("Let {count} contacts into a flow", count=count), "cz-h2", tag="h2")
        text = t(
            "Who is inside already, or may not come in again, stays out. What the flow sends goes "
            "to the others from now on."
        )
        words(text if live else t("No flow is live. Publish one first."), "cz-soft", tag="p")
        field = ui.select(live, label=t("Flow"), with_input=True).mark("bulk-flow-name")
        field.props("outlined dense options-dense").classes("full-width cz-field")
        _buttons(t, dialog, t("Let them in"), lambda: field.value)
    answer: str | None = await _answer(dialog)
    return answer


async def confirm_order(visitor: Visitor, said: str, count: str, record: GridRecord) -> bool:
    t = visitor.t
    match record:
        case "contact":
            text = t("This concerns {count} contacts.", count=count)
        case "account":
            text = t("This concerns {count} accounts.", count=count)
        case "ticket":
            text = t("This concerns {count} tickets.", count=count)
    with ui.dialog() as dialog, ui.card().classes("cz-dialog"):
        words(said, "cz-h2", tag="h2")
        words(text, "cz-strong").mark("bulk-count")
        words(t("Each of them keeps its former value in its history."), "cz-soft")
        _buttons(t, dialog, t("Do it"), lambda: True)
    return await _answer(dialog) is True


def _buttons(t: Any, dialog: ui.dialog, name: str, value: Callable[[], Any]) -> None:
    def done() -> None:
        answer = value()
        if answer is not None:
            dialog.submit(answer)

    with block("cz-row cz-dialog__buttons"):
        plain_button(t("Cancel"), dialog.close)
        plain_button(name, done, main=True).mark("bulk-go")


async def _answer(dialog: ui.dialog) -> Any:
    answer = await dialog
    dialog.clear()
    dialog.delete()
    return answer
