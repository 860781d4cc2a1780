"""Beside the canvas while no step is chosen: who enters, who may come back, what it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nicegui import ui

from designer.flow_editor.entry_form import entry_fields, entry_form, written_entry
from designer.flow_editor.head_fields import (
    Fields,
    about_fields,
    entry_form_fields,
    goal_definitions,
    goal_fields,
    leaving_fields,
)
from designer.flow_editor.step_panel import Deeds
from designer.forms import FormContext, Problems, SchemaForm
from designer.forms.context import below
from designer.widgets import block, words
from engine.flows.editing import FlowDocument
from engine.flows.form import fields_of
from engine.flows.problems import SettingsRefused
from engine.flows.triggers import TRIGGER_KINDS


class FlowPanel:
    def __init__(
        self, document: FlowDocument, context: FormContext, deeds: Deeds, problems: Problems
    ) -> None:
        self._document, self._context, self._deeds = document, context, deeds
        self._forms: list[tuple[str, SchemaForm]] = []
        t = context.t
        with block("fe-panel"):
            self._whole = words("", "fm-problem", tag="p")
            with self._section(t("People enter when")):
                self._trigger()
            with self._section(t("Coming back")):
                self._entry()
            with self._section(t("About this flow")):
                self._keys(about_fields(t))
            with self._section(t("Leaving and success")):
                self._keys(leaving_fields(t))
                self._keys(goal_fields(t), goal_definitions(t), events=True)
        self.show_problems(problems)

    def update(self, document: FlowDocument) -> None:
        self._document = document

    def show_problems(self, problems: Problems) -> None:
        shown: set[str] = set()
        for prefix, form in self._forms:
            mine = below(problems, prefix) if prefix else problems
            form.show_problems(mine)
            keys = [f"{prefix}/{key}" if prefix else key for key in form.keys]
            shown |= {
                path
                for path in problems
                if any(path == key or path.startswith(f"{key}/") for key in keys)
            }
        rest = [text for path, texts in problems.items() if path not in shown for text in texts]
        self._whole.set_text(" ".join(dict.fromkeys(rest)))
        self._whole.set_visibility(bool(rest))

    def _section(self, title: str) -> ui.element:
        with block("fe-section", tag="section") as section:
            words(title, "cz-h2", tag="h2")
        return section

    def _trigger(self) -> None:
        t = self._context.t
        written = self._document.head.get("trigger")
        given: dict[str, Any] = dict(written) if isinstance(written, Mapping) else {}
        on = given.pop("on", None)
        options = {key: kind.label.in_language(t.short) for key, kind in TRIGGER_KINDS.items()}
        made = ui.select(options, value=on if on in options else None)
        made.props("outlined dense options-dense").classes("cz-field fm-input")
        made.props["aria-label"] = t("What lets people in")
        made.mark("trigger-kind")
        if not self._context.may_edit:
            made.props["readonly"] = True

        async def chosen() -> None:
            """What the new kind has too is kept, such as the rule."""
            names = TRIGGER_KINDS[made.value].setting_names()
            kept = {key: value for key, value in given.items() if key in names}
            await self._set("trigger", {"on": made.value, **kept}, redraw=True)

        made.on_value_change(chosen)
        if on in TRIGGER_KINDS:
            self._trigger_form(str(on), given)

    def _trigger_form(self, on: str, given: dict[str, Any]) -> None:
        kind = TRIGGER_KINDS[on]
        words(kind.help.in_language(self._context.t.short), "fm-help", tag="p")
        schema = kind.model_json_schema()

        async def changed(settings: dict[str, Any]) -> None:
            await self._set("trigger", {"on": on, **settings})

        context = replace(self._context, reads_event=lambda _: _reads_event(on, given))
        form = SchemaForm(
            fields_of(schema),
            given,
            context=context,
            on_change=changed,
            required=schema.get("required", ()),
            definitions=schema.get("$defs", {}),
        )
        self._forms.append(("trigger", form))

    def _entry(self) -> None:
        t = self._context.t
        form = entry_form(self._document.head.get("entry"))
        every = entry_form_fields(t)
        fields = {key: every[key] for key in entry_fields(form)}

        async def changed(value: dict[str, Any]) -> None:
            redraw = value.get("policy") != form.get("policy")
            await self._set("entry", written_entry(value), redraw=redraw)

        drawn = SchemaForm(fields, form, context=self._context, on_change=changed)
        self._forms.append(("entry", drawn))

    def _keys(
        self, fields: Fields, definitions: Mapping[str, Any] | None = None, *, events: bool = False
    ) -> None:
        head = self._document.head

        async def changed(value: dict[str, Any]) -> None:
            before = self._document.head
            asked = [
                {"op": "set_head", "key": key, "value": value.get(key)}
                for key in fields
                if value.get(key) != before.get(key)
            ]
            if asked:
                await self._deeds.ask(asked)

        context = replace(self._context, reads_event=lambda _: events)
        form = SchemaForm(
            fields,
            {key: head[key] for key in fields if key in head},
            context=context,
            on_change=changed,
            definitions=definitions,
        )
        self._forms.append(("", form))

    async def _set(self, key: str, value: Any, *, redraw: bool = False) -> None:
        await self._deeds.ask([{"op": "set_head", "key": key, "value": value}], redraw=redraw)


def _reads_event(on: str, given: Mapping[str, Any]) -> bool:
    """Whether the rule of this trigger may read what happened; of settings that may be wrong."""
    kind = TRIGGER_KINDS[on]
    try:
        return kind.read({key: value for key, value in given.items() if key != "when"}).reads_event
    except SettingsRefused:
        return on in ("event", "webhook", "record")
