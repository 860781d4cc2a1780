"""Beside the canvas: one step, filled in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Protocol

from nicegui import ui

from designer.flow_editor.graph import ways_out
from designer.flow_graph import color_of, title_of
from designer.forms import FormContext, Problems, SchemaForm
from designer.visitor import Visitor
from designer.widgets import anchor, block, icon, words
from engine.flows.editing import FlowDocument, rearranged
from engine.flows.form import fields_of
from engine.flows.problems import did_you_mean
from engine.steps import STEP_KINDS

_NOWHERE: Final = ""


class Deeds(Protocol):
    """What a panel may ask the page to do."""

    async def ask(self, asked: Sequence[dict[str, Any]], *, redraw: bool = False) -> bool:
        """Do these operations; whether they were done. `redraw` draws the panel anew."""
        ...

    async def duplicate(self, ids: Sequence[str]) -> None: ...


class StepPanel:
    def __init__(
        self,
        name: str,
        document: FlowDocument,
        context: FormContext,
        deeds: Deeds,
        problems: Problems,
    ) -> None:
        self.name = name
        self._document, self._context, self._deeds = document, context, deeds
        self._form: SchemaForm | None = None
        node = document.nodes[name]
        with block("fe-panel"):
            self._head()
            self._fields()
            self._more()
        self.ways_key = tuple(way["id"] for way in ways_out(name, node, context.t))
        self.show_problems(problems)

    @property
    def _visitor(self) -> Visitor:
        return self._context.visitor

    def show_problems(self, problems: Problems) -> None:
        """At their fields; what belongs to none of them, mostly ways that lead nowhere, stands
        below the ways: above them it would move what one is about to click when it is mended."""
        fields = set(self._form.keys) if self._form else set()
        if self._form is not None:
            self._form.show_problems(problems)
        rest = [
            text
            for path, texts in problems.items()
            if path.split("/")[0] not in fields
            for text in texts
        ]
        self._whole.set_text(" ".join(dict.fromkeys(rest)))
        self._whole.set_visibility(bool(rest))

    def update(self, document: FlowDocument) -> None:
        """The newest document, where the form on the screen says the same already."""
        self._document = document

    def focus(self, wish: str) -> None:
        """Put the cursor into the name, the note, or the first field."""
        target = {"rename": self._name, "note": self._noted}.get(wish)
        if target is not None:
            target.run_method("focus")

    def _head(self) -> None:
        t, node = self._context.t, self._document.nodes[self.name]
        kind = STEP_KINDS.get(node.kind)
        with block("fe-head"):
            badge = icon(kind.icon if kind else "help", "20px").classes("fe-badge")
            badge.style(f"background: {color_of(node.kind)}")
            with block("cz-grow"):
                words(kind.label.in_language(t.short) if kind else node.kind, "fe-kind", tag="p")
                self._name_field()
        if kind is not None:
            words(kind.help.in_language(t.short), "fm-help", tag="p")
        else:
            known = did_you_mean(node.kind, STEP_KINDS)
            words(t("This release knows no step of this kind.") + f" {known}", "fm-problem")

    def _name_field(self) -> None:
        t = self._context.t
        made = (
            ui.input(value=title_of(self.name))
            .props("dense borderless maxlength=63")
            .classes("fe-name")
        )
        made.props["aria-label"] = t("Name of the step")
        made.mark("step-name")
        self._name = made
        if not self._context.may_edit:
            made.props["readonly"] = True
            return

        async def left() -> None:
            wanted = name_from(str(made.value or ""))
            if wanted == self.name or not wanted:
                made.value = title_of(self.name)
                return
            if not await self._deeds.ask([{"op": "rename", "id": self.name, "to": wanted}]):
                made.value = title_of(self.name)

        made.on("blur", left, args=[])
        made.on("keydown.enter", left, args=[])

    def _fields(self) -> None:
        node = self._document.nodes[self.name]
        kind = STEP_KINDS.get(node.kind)
        if kind is None:
            return
        schema = kind.model_json_schema()
        fields = fields_of(schema)
        if not fields:
            words(self._context.t("There is nothing to fill in here."), "cz-soft", tag="p")
        self._form = SchemaForm(
            fields,
            node.settings,
            context=self._context,
            on_change=self._changed,
            required=schema.get("required", ()),
            definitions=schema.get("$defs", {}),
        )
        template = node.settings.get("template")
        if isinstance(template, str) and template in dict(
            self._context.choices.get("template_picker", ())
        ):
            anchor(f"/templates/{template}", self._context.t("Look at this message"), "cz-small")

    async def _changed(self, settings: dict[str, Any]) -> None:
        node = self._document.nodes.get(self.name)
        if node is not None:
            await self._deeds.ask(rearranged(self.name, node, settings, STEP_KINDS))

    def _more(self) -> None:
        t, node = self._context.t, self._document.nodes[self.name]
        ways = ways_out(self.name, node, t)
        if ways:
            with block("fe-section"):
                words(t("Ways out"), "cz-h2", tag="h2")
                for way in ways:
                    self._way(way)
        self._whole = words("", "fm-problem", tag="p")
        with block("fe-section"):
            self._note()
        if self._context.may_edit:
            self._buttons()

    def _way(self, way: dict[str, Any]) -> None:
        """Where a way out leads: the line of the drawing, to be chosen without a mouse."""
        t = self._context.t
        label = way["label"] or t("then")
        nowhere = t("Nowhere yet")
        steps = {name: title_of(name) for name in self._document.nodes if name != self.name}
        target = way["to"]
        options = {_NOWHERE: nowhere, **steps}
        if target == self.name:
            options[target] = title_of(target)
        with block("fe-way"):
            words(label, "fe-way__label")
            made = ui.select(options, value=target if target in options else _NOWHERE)
            made.props("outlined dense options-dense").classes("cz-field fm-input")
            made.props["aria-label"] = t("“{way}” leads to", way=label)
            if not self._context.may_edit:
                made.props["readonly"] = True

        async def chosen() -> None:
            line = {"source": self.name, "exit": way["id"]}
            if made.value == _NOWHERE:
                await self._deeds.ask([{"op": "disconnect", **line}])
            else:
                await self._deeds.ask([{"op": "connect", **line, "target": made.value}])

        made.on_value_change(chosen)

    def _note(self) -> None:
        t = self._context.t
        made = ui.textarea(value=self._document.notes.get(self.name, ""))
        made.props("outlined dense autogrow maxlength=2000").classes("cz-field fm-input fm-long")
        made.props["aria-label"] = t("Note")
        made.props["placeholder"] = t("A note for colleagues; it is no part of the flow.")
        made.mark("step-note")
        self._noted = made
        if not self._context.may_edit:
            made.props["readonly"] = True
            return

        async def left() -> None:
            if made.value != self._document.notes.get(self.name, ""):
                await self._deeds.ask(
                    [{"op": "set_note", "id": self.name, "text": made.value or ""}]
                )

        made.on("blur", left, args=[])

    def _buttons(self) -> None:
        t = self._context.t
        with block("cz-row fe-section"):
            if self._document.first != self.name:
                first = [{"op": "set_first", "id": self.name}]
                quiet_button(t("Make it the first"), "first_page", self._asks(first))
            quiet_button(t("Duplicate"), "content_copy", lambda: self._deeds.duplicate([self.name]))
            gone = [{"op": "remove_nodes", "ids": [self.name]}]
            quiet_button(t("Remove step"), "delete", self._asks(gone)).mark("remove-step")

    def _asks(self, asked: list[dict[str, Any]]) -> Callable[[], Awaitable[bool]]:
        return lambda: self._deeds.ask(asked, redraw=True)


def quiet_button(name: str, symbol: str, click: Callable[[], Any]) -> ui.element:
    with block("cz-button is-quiet", tag="button") as button:
        button.props["type"] = "button"
        icon(symbol, "18px")
        words(name)
    return button.on("click", click, args=[])


def name_from(text: str) -> str:
    """A step's name from what somebody typed: "Second touch" is "second_touch"."""
    return "_".join(text.strip().lower().replace("-", " ").split())
