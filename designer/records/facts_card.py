"""The fields of a contact or an account, each changed in its place, with what it was before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from nicegui import ui

from designer.asking import plain_button
from designer.problem_words import problem_words, refusal_words
from designer.records.account_picker import pick_account
from designer.records.edit_field import field_input
from designer.records.life_words import value_words
from designer.records.words import FIELD_NAMES
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import anchor, ask_to_sign_in, block, icon, words
from engine.errors import CadenzaError, NotSignedIn, Refused
from engine.services.actor import hidden_fields
from engine.services.records import Editable, edit_account, edit_contact
from engine.services.records.fields import EditedRecord
from engine.services.roles.visibility import is_visible
from engine.services.views.grids import hidden_in, lines_of
from engine.services.views.life import FormerValue, field_history
from engine.services.work import working

NOBODY: Final = 0
OWNER, ACCOUNT = "owner_id", "account_id"


class FactsCard:
    """`values` are the columns of the record by name, with `owner` and `account` as names."""

    def __init__(
        self,
        designer: Designer,
        visitor: Visitor,
        record: EditedRecord,
        record_id: int,
        values: Mapping[str, Any],
        fields: Mapping[str, Editable],
        people: Mapping[int, str],
    ) -> None:
        self._designer, self._visitor, self._record = designer, visitor, record
        self._id, self._values, self._fields, self._people = record_id, dict(values), fields, people
        owner = self._values[OWNER]
        self._edits = is_visible(visitor.somebody, "edit", record, owner)
        self._hidden = hidden_fields(visitor.somebody, record)
        self._undo: tuple[str, Any] | None = None
        with block("cz-card", tag="section"):
            self._told = block("cz-row cz-pad cz-hidden cz-factstold").props("role=status")
            self._place = block("cz-facts cz-factsedit", tag="dl")
        self._draw()

    def _draw(self) -> None:
        self._place.clear()
        with self._place:
            for name in (*self._fields, OWNER, *((ACCOUNT,) if self._record == "contact" else ())):
                self._line(name)

    def name_of(self, name: str) -> str:
        t, label = self._visitor.t, self._fields[name].label if name in self._fields else None
        if label is not None:
            return label[1] if t.short == "zh" else label[0]
        return t(FIELD_NAMES[name])

    def _raw(self, name: str) -> Any:
        if name.startswith("custom."):
            return (self._values.get("custom") or {}).get(name.removeprefix("custom."))
        return self._values[name]

    def _said(self, name: str) -> str:
        if name == OWNER:
            return self._values["owner"] or self._visitor.t("Nobody")
        value, t = self._raw(name), self._visitor.t
        match value:
            case None:
                return ""
            case bool():
                return t("yes") if value else t("no")
            case datetime():
                return self._visitor.formats.moment(value)
            case date():
                return self._visitor.formats.day(value)
            case list():
                return ", ".join(str(one) for one in value)
        if name == "birthday_calendar":
            return t("lunar") if value == "lunar" else t("Gregorian")
        return value_words(name, value, self._visitor)

    def _line(self, name: str) -> None:
        if name in self._hidden:
            self._not_shown(name)
            return
        said = self._said(name)
        if not said and not self._edits:
            return
        words(self.name_of(name), tag="dt")
        with block("cz-fact", tag="dd"):
            if name == ACCOUNT and self._values[ACCOUNT]:
                anchor(f"/accounts/{self._values[ACCOUNT]}", self._values["account"] or "–")
            else:
                words(said or "–", "" if said else "cz-soft")
            if self._edits:
                self._pencil(name)

    def _not_shown(self, name: str) -> None:
        words(self.name_of(name), tag="dt")
        with block("cz-fact", tag="dd").mark(f"hidden-{name}") as place:
            place.props["title"] = self._visitor.t("Your role does not show it.")
            icon("visibility_off", "15px")
            words(self._visitor.t("Hidden"), "cz-soft")

    def _pencil(self, name: str) -> None:
        async def clicked() -> None:
            await self._edit(name)

        with block("cz-fact__edit", tag="button").props("type=button") as button:
            button.props["aria-label"] = self._visitor.t(
                "Change: {field}", field=self.name_of(name)
            )
            button.on("click", clicked, args=[]).mark(f"edit-{name}")
            icon("edit", "15px")

    async def _edit(self, name: str) -> None:
        if name == ACCOUNT:
            found = await pick_account(self._designer, self._visitor)
            if found is not None:
                await self._write(name, found or None, undoable=True)
            return
        t, former = self._visitor.t, await self._history(name)
        # built at one go: listeners that come after a wait would mount it anew
        with ui.dialog() as dialog, ui.card().classes("cz-dialog"):
            words(self.name_of(name), "cz-h2", tag="h2")
            read = self._input(name)
            problem = words("", "cz-bad").props("role=alert")
            with block("cz-row cz-dialog__buttons"):
                plain_button(t("Cancel"), dialog.close)
                save = plain_button(t("Save"), None, main=True).mark("save-field")
            if former:
                self._show_history(name, former)

        async def saved() -> None:
            said_no = await self._write(name, read(), undoable=True)
            if said_no:
                problem.set_text(said_no)
            else:
                dialog.close()

        save.on("click", saved, args=[])
        dialog.on("keydown.enter", saved, args=[])
        await dialog
        dialog.delete()

    def _input(self, name: str) -> Any:
        if name != OWNER:
            return field_input(self._fields[name], self._raw(name), self._visitor)
        options = {NOBODY: self._visitor.t("Nobody"), **self._people}
        now = self._raw(OWNER) if self._raw(OWNER) in options else NOBODY
        field = ui.select(options, value=now, with_input=True).mark("field-value")
        field.props("outlined dense options-dense").classes("full-width cz-field")
        return lambda: field.value or None

    async def _history(self, name: str) -> list[FormerValue]:
        if self._record != "contact":
            return []
        async with self._designer.transaction() as session:
            return await field_history(session, self._visitor.somebody, self._id, name)

    def _show_history(self, name: str, found: list[FormerValue]) -> None:
        t, formats = self._visitor.t, self._visitor.formats
        with ui.expansion(t("What it was before")).classes("full-width cz-soft"):
            for one in found:
                before = self._former(name, one.before)
                after = self._former(name, one.after)
                with block("cz-row cz-small"):
                    words(formats.moment(one.at), "cz-soft")
                    words(t("{before} → {after}", before=before or "–", after=after or "–"))

    def _former(self, name: str, value: Any) -> str:
        if name == OWNER and isinstance(value, int):
            return self._people.get(value, f"#{value}")
        return value_words(name, value, self._visitor)

    async def _write(self, name: str, value: Any, *, undoable: bool) -> str:
        """What was said against it, in words; empty when it is written."""
        before = self._raw(name)
        edit = edit_contact if self._record == "contact" else edit_account
        try:
            actor = await self._designer.actor(self._visitor.token)
            runtime = self._designer.runtime
            async with working(
                runtime.store, runtime.shared, runtime.pokes, self._designer.now()
            ) as work:
                changed = await edit(work, actor, self._id, {name: value})
        except NotSignedIn:
            ask_to_sign_in()
            return ""
        except CadenzaError as error:
            t, problems = self._visitor.t, error.problems if isinstance(error, Refused) else ()
            said = [problem_words("form", one.code, one.message, t) for one in problems]
            return " ".join(said) or refusal_words(error, t)
        if changed:
            self._undo = (name, before) if undoable else None
            await self._again()
        return ""

    async def _again(self) -> None:
        async with self._designer.transaction() as session:
            found = await lines_of(
                session, self._record, [self._id], hidden_in(self._visitor.somebody, self._record)
            )
        if found:
            self._values = dict(found[0].values)
        self._draw()
        self._told.clear()
        if self._undo is None:
            self._told.classes(add="cz-hidden")
            return
        self._told.classes(remove="cz-hidden")
        name, _ = self._undo
        with self._told:
            words(self._visitor.t("{field} is changed.", field=self.name_of(name)), "cz-grow")
            undo = plain_button(self._visitor.t("Undo"), self._take_back, symbol="undo")
            undo.classes("is-quiet").mark("undo-field")

    async def _take_back(self) -> None:
        if self._undo is not None:
            name, before = self._undo
            value = before.isoformat() if isinstance(before, date) else before
            if said_no := await self._write(name, value, undoable=False):
                ui.notify(said_no, type="negative")
