"""Custom fields: which there are, adding one, calling it something else, retiring it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from nicegui import ui

from designer.asking import plain_button
from designer.i18n.translator import N_
from designer.runtime import Designer
from designer.system.form_dialog import Blank, FormDialog
from designer.visitor import Visitor
from designer.widgets import block, card, chip, empty_state, words
from engine.errors import Problem, Refused
from engine.rules.fact import RecordKind
from engine.rules.types import Type
from engine.services.actor import Kind, may
from engine.services.custom_fields import (
    TYPES,
    DefinedField,
    all_custom_fields,
    change_custom_field,
    define_custom_field,
    retire_custom_field,
)

RECORD_NAMES: Final = {
    "contact": N_("Contacts"),
    "account": N_("Accounts"),
    "deal": N_("Deals"),
}
_TYPES: Final = {
    Type.TEXT: N_("Text"),
    Type.NUMBER: N_("Number"),
    Type.BOOLEAN: N_("Yes or no"),
    Type.DATE: N_("Date"),
    Type.DATETIME: N_("Date and time"),
    Type.SET: N_("Several words"),
}


class FieldList:
    def __init__(self, designer: Designer, visitor: Visitor, record: RecordKind) -> None:
        self._designer, self._visitor, self._record = designer, visitor, record
        self._manages = may(visitor.somebody, "manage", cast(Kind, record))

    def build(self, found: Sequence[DefinedField], actions: ui.element) -> None:
        t = self._visitor.t
        if self._manages:
            with actions:
                plain_button(t("Add a field"), self._add, main=True, symbol="add").mark("field-add")
        self._place = card()
        self._rows(found)

    async def _show(self) -> None:
        """The list anew, after a change."""
        async with self._designer.transaction() as session:
            found = await all_custom_fields(session, self._record)
        self._place.clear()
        self._rows(found)

    def _rows(self, found: Sequence[DefinedField]) -> None:
        t = self._visitor.t
        with self._place:
            if not found:
                empty_state(
                    "tune",
                    t("No fields of your own yet"),
                    t(
                        "A field of your own is filled by imports, events and people, and rules, "
                        "messages and lists can read it."
                    ),
                )
                return
            with block("cz-sys__list", tag="ul"):
                for one in found:
                    self._field(one)

    def _field(self, one: DefinedField) -> None:
        t = self._visitor.t
        label = one.label_zh if t.short == "zh" and one.label_zh else one.label
        with block(tag="li").mark(f"field-{one.key}"):
            with block("cz-grow"):
                with block("cz-row"):
                    words(label, "cz-strong")
                    if one.retired:
                        chip(t("Retired"))
                said = [f"{one.record}.custom.{one.key}", t(_TYPES[one.type])]
                if one.values:
                    said.append(_values(one.values))
                words(" · ".join(said), "cz-soft cz-small", tag="div")
            if not self._manages:
                return
            plain_button(t("Edit"), lambda: self._edit(one), symbol="edit").mark(f"edit-{one.key}")
            if one.retired:
                button = plain_button(t("Bring back"), lambda: self._ask(one), symbol="restore")
            else:
                button = plain_button(t("Retire"), lambda: self._ask(one), symbol="archive")
            button.mark(f"retire-{one.key}")

    def _ask(self, one: DefinedField) -> None:
        t = self._visitor.t
        label = one.label_zh if t.short == "zh" and one.label_zh else one.label
        if one.retired:
            title, text = t("Offer “{field}” again?", field=label), t("Its values are still there.")
        else:
            title = t("Retire “{field}”?", field=label)
            text = t(
                "It is not offered any more, and imports and events no longer fill it. "
                "Values, and the rules that read them, stay; it can be brought back."
            )
        name = t("Bring back") if one.retired else t("Retire")
        FormDialog(t, title, text, [], name, lambda _: self._retire(one), mark="retire")

    def _add(self) -> None:
        t = self._visitor.t
        FormDialog(
            t,
            t("Add a field"),
            t("Its key and its type stay as they are; what it is called can be changed."),
            [
                Blank("label", t("What it is called")),
                Blank("label_zh", t("What it is called in Chinese, if you like")),
                Blank(
                    "key",
                    t("Key"),
                    hint=t(
                        "Small letters, digits and _, such as plan_tier. Rules name it by this."
                    ),
                ),
                Blank(
                    "type", t("Type"), str(Type.TEXT), choices={str(k): t(_TYPES[k]) for k in TYPES}
                ),
                self._values_blank(()),
            ],
            t("Add"),
            self._define,
        )

    def _edit(self, one: DefinedField) -> None:
        t = self._visitor.t
        FormDialog(
            t,
            t("Edit “{field}”", field=one.label),
            "",
            [
                Blank("label", t("What it is called"), one.label),
                Blank(
                    "label_zh", t("What it is called in Chinese, if you like"), one.label_zh or ""
                ),
                self._values_blank(one.values),
            ],
            t("Keep"),
            lambda given: self._change(one, given),
        )

    def _values_blank(self, values: Sequence[str]) -> Blank:
        t = self._visitor.t
        return Blank(
            "values",
            t("Values it may have, one a line"),
            "\n".join(values),
            hint=t("For text and several words only. Empty: anything. They can be added to later."),
            lines=True,
        )

    async def _define(self, given: dict[str, str]) -> None:
        kinds = {str(one): one for one in TYPES}
        if given["type"] not in kinds:
            problem = Problem("type", "unknown_type", self._visitor.t("Choose a type."))
            raise Refused("The field cannot be defined.", [problem])
        new = DefinedField(
            self._record,
            given["key"].strip(),
            kinds[given["type"]],
            given["label"].strip()[:200],
            given["label_zh"].strip()[:200] or None,
            _lines(given["values"]),
        )
        actor = await self._designer.actor(self._visitor.token)
        async with self._designer.transaction() as session:
            await define_custom_field(session, actor, new)
        await self._show()

    async def _change(self, one: DefinedField, given: dict[str, str]) -> None:
        actor = await self._designer.actor(self._visitor.token)
        async with self._designer.transaction() as session:
            await change_custom_field(
                session,
                actor,
                self._record,
                one.key,
                label=given["label"][:200],
                label_zh=given["label_zh"].strip()[:200] or None,
                values=_lines(given["values"]),
            )
        await self._show()

    async def _retire(self, one: DefinedField) -> None:
        actor = await self._designer.actor(self._visitor.token)
        async with self._designer.transaction() as session:
            await retire_custom_field(
                session, actor, self._record, one.key, retired=not one.retired
            )
        await self._show()


def _lines(written: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.strip()[:200] for line in written.splitlines() if line.strip()))


def _values(values: Sequence[str]) -> str:
    shown = ", ".join(values[:6])
    return f"{shown}, …" if len(values) > 6 else shown
