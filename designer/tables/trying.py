"""Asking the table about one contact, as it stands on the desk, saved or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from designer.asking import plain_button
from designer.contact_picker import pick_contact
from designer.problem_words import all_words
from designer.tables.desk import Desk
from designer.widgets import anchor, ask_to_sign_in, block, facts, words
from engine.errors import CadenzaError, NotSignedIn
from engine.services.decision_tables import Answer, try_table


class Trying:
    """`show` is told which row answered."""

    def __init__(self, desk: Desk, show: Callable[[int], None]) -> None:
        self.desk, self._show = desk, show
        t, table = desk.visitor.t, desk.table
        with block("cz-pad cz-stack"):
            if table.subject != "contact" or table.reads_event:
                note = t("Tables about deals, tickets or an event are asked by flows alone.")
                words(note, "cz-soft cz-small", tag="p")
                return
            button = plain_button(t("Try it on a contact"), self._try, symbol="person_search")
            button.mark("try-table")
            self._place = block("cz-stack cz-tight").mark("table-answer")
            self._place.props["aria-live"] = "polite"

    async def _try(self) -> None:
        desk, t = self.desk, self.desk.visitor.t
        contact = await pick_contact(desk.designer, desk.visitor, t("Try it on whom?"))
        if contact is None:
            return
        zone = desk.designer.runtime.settings.company.default_zone
        self._place.clear()
        try:
            actor = await desk.designer.actor(desk.visitor.token)
            async with desk.designer.transaction() as session:
                answer = await try_table(
                    session, actor, desk.table.document(), contact, desk.designer.now(), zone
                )
        except NotSignedIn:
            ask_to_sign_in()
            return
        except CadenzaError as error:
            with self._place:
                words(all_words(error, t, "rule"), "cz-bad")
            return
        with self._place:
            anchor(f"/contacts/{contact}", t("Contact {number}", number=contact))
            self._answer(answer)

    def _answer(self, answer: Answer) -> None:
        t = self.desk.visitor.t
        if not answer.decision.hits:
            words(t("No row holds, so there is no answer."), "cz-warn")
            return
        for hit, why in zip(answer.decision.hits, answer.why, strict=True):
            with block("rb-one"):
                words(t("Row {row} answers", row=hit.row), "cz-strong", tag="div")
                facts([(name, self._value(value)) for name, value in hit.outputs.items()])
                words(why.get(t.short, ""), "cz-soft cz-small", tag="p")
        self._show(answer.decision.hits[0].row - 1)

    def _value(self, value: Any) -> str:
        t, formats = self.desk.visitor.t, self.desk.visitor.formats
        match value:
            case None:
                return "–"
            case bool():
                return t("yes") if value else t("no")
            case {"minor": int(minor), "currency": str(currency)}:
                return formats.money(minor, currency)
            case int() | float():
                return formats.number(value)
            case _:
                return str(value)
