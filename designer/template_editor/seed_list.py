"""The seed list: addresses of our own that get proofs of letters."""

from __future__ import annotations

from functools import partial

from nicegui import ui

from designer.asking import plain_button
from designer.problem_words import all_words
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, card, words
from engine.errors import CadenzaError, NotSignedIn, Refused
from engine.services.actor import may
from engine.services.trying_messages import Seed, add_seed, list_seeds, remove_seed
from engine.services.trying_messages.seeds import LONGEST_NOTE, MOST_SEEDS


class SeedList:
    def __init__(self, designer: Designer, visitor: Visitor) -> None:
        self._designer = designer
        self._visitor = visitor

    async def build(self) -> None:
        t = self._visitor.t
        self._may = may(self._visitor.somebody, "manage", "message")
        with card(t("Seed list")) as place, block("cz-pad cz-stack cz-tight"):
            place.mark("seeds")
            said = t("Addresses of your own people at several providers; tests can go to them.")
            words(said, "cz-soft cz-small", tag="p")
            self._list = block("cz-stack cz-tight")
            self._wrong = words("", "cz-bad cz-small")
            self._wrong.props["role"] = "alert"
            if self._may:
                self._address = self._field(t("Address"), 320, "seed-address")
                self._note = self._field(t("Note, such as the program"), LONGEST_NOTE, "seed-note")
                plain_button(t("Add"), self._add, symbol="add").mark("add-seed")
            else:
                words(t("An admin changes it."), "cz-soft cz-small")
        await self._show()

    def _field(self, name: str, longest: int, mark: str) -> ui.input:
        field = ui.input(name).props(f"outlined dense maxlength={longest}").classes("cz-field")
        field.on("keydown.enter", self._add, args=[])
        return field.mark(mark)

    async def _show(self) -> None:
        async with self._designer.transaction() as session:
            found = await list_seeds(session, self._visitor.somebody)
        t = self._visitor.t
        self._list.clear()
        with self._list:
            if not found:
                words(t("Nobody is on it yet."), "cz-soft")
            for one in found:
                self._line(one)
            if len(found) >= MOST_SEEDS:
                words(t("It is full."), "cz-soft cz-small")

    def _line(self, one: Seed) -> None:
        t = self._visitor.t
        with block("cz-row te-attached"):
            with block("cz-grow"):
                words(one.address, "cz-strong", tag="div")
                words(one.note, "cz-soft cz-small", tag="div")
            if self._may:
                drop = plain_button("", partial(self._remove, one.address), symbol="close")
                drop.props["aria-label"] = t("Take out {name}", name=one.address)
                drop.classes("is-quiet te-icon").mark(f"drop-{one.address}")

    async def _add(self) -> None:
        address, note = self._address.value or "", self._note.value or ""
        try:
            actor = await self._designer.actor(self._visitor.token)
            async with self._designer.transaction() as session:
                await add_seed(session, actor, address, note, self._designer.now())
        except NotSignedIn:
            ask_to_sign_in()
        except CadenzaError as error:
            problems = error.problems if isinstance(error, Refused) else ()
            said = "; ".join(f"{one.place.strip('/')} {one.message}" for one in problems)
            self._wrong.set_text(said or all_words(error, self._visitor.t, "letter"))
        else:
            self._wrong.set_text("")
            self._address.set_value("")
            self._note.set_value("")
            await self._show()

    async def _remove(self, address: str) -> None:
        t = self._visitor.t
        try:
            actor = await self._designer.actor(self._visitor.token)
            async with self._designer.transaction() as session:
                await remove_seed(session, actor, address)
        except NotSignedIn:
            ask_to_sign_in()
            return
        except CadenzaError as error:
            self._wrong.set_text(all_words(error, t, "letter"))
            return
        self._wrong.set_text(t("Taken out: {address}. Add it again to undo.", address=address))
        await self._show()
