"""Two contacts side by side: which value stays, what moves, and making them one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from nicegui import ui

from designer.asking import plain_button
from designer.contact_picker import pick_contact
from designer.i18n import N_
from designer.problem_words import all_words
from designer.records.life_words import value_words
from designer.records.words import FIELD_NAMES
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import anchor, ask_to_sign_in, block, card, facts, notice, words
from engine.errors import CadenzaError, NotSignedIn
from engine.services.merging import FieldPolicy, Merged, merge_two
from engine.services.merging.values import FIELDS
from engine.services.views.grids import GridLine

_TABLES: Final[Mapping[str, str]] = {
    "event": N_("Events"),
    "order": N_("Orders"),
    "deal": N_("Deals"),
    "ticket": N_("Tickets"),
    "activity": N_("Tasks and activities"),
    "message": N_("Messages"),
    "notice": N_("Notices"),
    "contact_tag": N_("Tags"),
    "segment_member": N_("Segments"),
    "consent": N_("Consent"),
}
_SHOWN_BY_NAME: Final = {"owner_id": "owner", "account_id": "account"}


class MergePair:
    """`keep` stays, `lose` becomes part of it. Built where it is called."""

    def __init__(
        self, designer: Designer, visitor: Visitor, keep: GridLine, lose: GridLine
    ) -> None:
        self._designer, self._visitor = designer, visitor
        self._keep, self._lose = keep, lose
        self._take: set[str] = set()
        t = visitor.t
        with block("cz-row"):
            here = f"/merge?keep={lose.id}&lose={keep.id}"
            with anchor(here, classes="cz-button").mark("swap"):
                words(t("Let the other one stay"))
            plain_button(t("Choose another one"), self._another, symbol="person_search").mark(
                "merge-another"
            )
        with card(t("Which value stays")), block("cz-scroll"):
            self._table()
        self._moves = card(t("What moves"))
        notice(
            t(
                "It cannot be undone. A no to mail of either one stands; nothing is sent twice. "
                "The other one's addresses and numbers lead to the one that stays."
            ),
            "warn",
            "warning",
        )
        self._problem = words("", "cz-bad").props("role=alert")
        with block("cz-row"):
            plain_button(t("Make them one"), self._ask, main=True, symbol="call_merge").mark(
                "merge-go"
            )

    async def look(self) -> None:
        """What it would come to, asked of the database, which does it and takes it back."""
        merged = await self._do(only_look=True)
        if merged is None:
            return
        self._moves.clear()
        t, number = self._visitor.t, self._visitor.formats.number
        moved = [
            (t(_TABLES[table]) if table in _TABLES else table.replace("_", " "), number(count))
            for table, count in sorted(merged.rows.items())
            if count
        ]
        with self._moves:
            with block("cz-card__head"):
                words(t("What moves"), "cz-h2", tag="h2")
            runs = [
                (t("Runs that go on"), number(merged.runs.moved) if merged.runs.moved else ""),
                (t("Runs that end"), number(merged.runs.ended) if merged.runs.ended else ""),
            ]
            if moved or any(value for _, value in runs):
                facts([*moved, *runs])
            else:
                words(t("Nothing: the other one has nothing of its own."), "cz-soft cz-pad")

    def _table(self) -> None:
        t = self._visitor.t
        with block("cz-mergetable", tag="table"):
            with block("", tag="thead"), block("", tag="tr"):
                words(t("Field"), tag="th").props("scope=col")
                self._head(self._keep, t("stays"))
                self._head(self._lose, t("becomes part of it"))
            with block("", tag="tbody"):
                for name in self._names():
                    self._line(name)

    def _head(self, line: GridLine, what: str) -> None:
        with block("", tag="th").props("scope=col"):
            anchor(f"/contacts/{line.id}", line.name)
            words(f"#{line.id} · {what}", "cz-soft cz-small", tag="div")

    def _names(self) -> list[str]:
        custom = {**self._lose.values["custom"], **self._keep.values["custom"]}
        names = [*FIELDS, *(f"custom.{key}" for key in sorted(custom))]
        return [one for one in names if self._raw(self._keep, one) or self._raw(self._lose, one)]

    def _line(self, name: str) -> None:
        mine, theirs = self._raw(self._keep, name), self._raw(self._lose, name)
        label = FIELD_NAMES.get(name)
        shown = self._visitor.t(label) if label else name.removeprefix("custom.").replace("_", " ")
        with block("", tag="tr"):
            words(shown, tag="th").props("scope=row")
            differs = mine is not None and theirs is not None and mine != theirs
            if not differs:
                wins = mine is not None
                self._value(self._said(self._keep, name), wins=wins)
                self._value(self._said(self._lose, name), wins=not wins)
                return
            cells: list[Any] = []
            for line, other in ((self._keep, False), (self._lose, True)):
                with block("cz-mergecell", tag="td") as cell:
                    cells.append(cell)
                    with block("cz-row", tag="label"):
                        radio = ui.element("input").props("type=radio")
                        radio.props["name"] = f"merge-{name}"
                        radio.props["checked"] = not other
                        radio.on("change", self._choosing(name, cells, other=other), args=[])
                        radio.mark(f"take-{name}-{'theirs' if other else 'mine'}")
                        words(self._said(line, name))
            cells[0].classes(add="is-winning")

    def _choosing(self, name: str, cells: list[Any], *, other: bool) -> Any:
        async def chosen() -> None:
            self._take = self._take | {name} if other else self._take - {name}
            for place, cell in enumerate(cells):
                wins = (place == 1) == other
                cell.classes(add="is-winning" if wins else "", remove="" if wins else "is-winning")
            await self.look()

        return chosen

    def _value(self, said: str, *, wins: bool) -> None:
        with block("cz-mergecell is-winning" if wins and said else "cz-mergecell", tag="td"):
            words(said or "–", "" if said else "cz-soft")

    def _raw(self, line: GridLine, name: str) -> Any:
        if name.startswith("custom."):
            return line.values["custom"].get(name.removeprefix("custom."))
        return line.values[name]

    def _said(self, line: GridLine, name: str) -> str:
        value = self._raw(line, name)
        if value is None:
            return ""
        if name in _SHOWN_BY_NAME:
            return str(line.values[_SHOWN_BY_NAME[name]] or f"#{value}")
        match value:
            case datetime():
                return self._visitor.formats.moment(value)
            case date():
                return self._visitor.formats.day(value)
        return value_words(name, value, self._visitor)

    async def _another(self) -> None:
        title = self._visitor.t("Who is the same as {name}?", name=self._keep.name)
        found = await pick_contact(self._designer, self._visitor, title)
        if found is not None:
            ui.navigate.to(f"/merge?keep={self._keep.id}&lose={found}")

    async def _ask(self) -> None:
        t = self._visitor.t
        with ui.dialog() as dialog, ui.card().classes("cz-dialog"):
            words(t("Make these two contacts one?"), "cz-h2", tag="h2")
            words(
                t(
                    "{lose} becomes part of {keep} and is gone as a contact of its own.",
                    lose=self._lose.name,
                    keep=self._keep.name,
                ),
                tag="p",
            )
            with block("cz-row cz-dialog__buttons"):
                plain_button(t("Cancel"), dialog.close)
                yes = plain_button(t("Make them one"), lambda: dialog.submit(True), main=True)
                yes.mark("confirm-merge")
        if await dialog is not True:
            return
        merged = await self._do(only_look=False)
        if merged is not None:
            self._designer.pulses.clear()
            ui.navigate.to(f"/contacts/{merged.keep}")

    async def _do(self, *, only_look: bool) -> Merged | None:
        self._problem.set_text("")
        runtime = self._designer.runtime
        try:
            actor = await self._designer.actor(self._visitor.token)
            return await merge_two(
                runtime.store,
                runtime.shared,
                runtime.pokes,
                actor,
                self._keep.id,
                self._lose.id,
                FieldPolicy(frozenset(self._take)),
                self._designer.now(),
                only_look=only_look,
            )
        except NotSignedIn:
            ask_to_sign_in()
        except CadenzaError as error:
            self._problem.set_text(all_words(error, self._visitor.t, "import"))
        return None
