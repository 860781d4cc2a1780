"""Requests of people about their data: taken down, done, declined, with a date for each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from nicegui import ui

from designer.asking import plain_button
from designer.components.filter_tabs import filter_tabs
from designer.privacy.wording import KINDS, STATES
from designer.runtime import Designer
from designer.system.form_dialog import Blank, FormDialog
from designer.visitor import Visitor
from designer.widgets import anchor, block, button_link, card, chip, empty_state, facts, icon, words
from engine.errors import Problem, Refused
from engine.services.actor import may
from engine.services.privacy import (
    NewRequest,
    RequestRow,
    complete_export,
    contact_called,
    decline_request,
    erase_and_certify,
    list_requests,
    open_request,
)

PATH: Final = "/privacy"
MOST: Final = 200


class RequestsRoom:
    def __init__(self, designer: Designer, visitor: Visitor, state: str) -> None:
        self._designer, self._visitor, self._state = designer, visitor, state
        self._writes = may(visitor.somebody, "edit", "privacy")

    async def build(self, actions: ui.element) -> None:
        t = self._visitor.t
        if self._writes:
            with actions:
                add = plain_button(t("Write down a request"), self._add, main=True, symbol="add")
                add.mark("request-add")
        words(
            t(
                "Whoever is in your data may have all of it, or be erased. The law gives you a "
                "month; requests stand here with their date, and who did what."
            ),
            "cz-soft cz-prv__intro",
            tag="p",
        )
        choices = [(None, t("Open")), ("done", t("Done")), ("declined", t("Declined"))]
        chosen = {"state": None if self._state == "open" else self._state}
        filter_tabs(t("State"), PATH, chosen, "state", choices)
        self._place = block()
        await self._show()

    async def _show(self) -> None:
        actor = await self._designer.actor(self._visitor.token)
        async with self._designer.transaction() as session:
            found = await list_requests(session, actor, state=self._state, limit=MOST)
        self._place.clear()
        with self._place, card():
            self._rows(found)

    def _rows(self, found: Sequence[RequestRow]) -> None:
        t, now = self._visitor.t, self._designer.now()
        if not found:
            is_open = self._state == "open"
            title = t("Nobody waits for an answer") if is_open else t("Nothing here")
            text = t("When somebody asks, write it down: the thirty days begin with their letter.")
            empty_state("verified_user", title, text)
            return
        with block("cz-prv__list", tag="ul"):
            for row in found:
                self._row(row, now)

    def _row(self, row: RequestRow, now: datetime) -> None:
        t = self._visitor.t
        name, symbol, _ = KINDS[row.kind]
        with block(tag="li").mark(f"request-{row.id}"):
            icon(symbol, "22px")
            with block("cz-grow"):
                with block("cz-prv__what"):
                    words(t(name), "cz-strong")
                    who = t("Contact {number}", number=row.contact_number)
                    if row.kind == "erase" and row.state == "done":
                        words(who, "cz-soft")
                    else:
                        anchor(f"/contacts/{row.contact_number}", who)
                    state, tone = STATES[row.state]
                    late = row.is_late(now)
                    chip(t("Late") if late else t(state), "bad" if late else tone)
                words(self._when(row), "cz-soft cz-small", tag="div")
                for said in (row.note, row.reason):
                    if said:
                        words(said, "cz-small", tag="div")
                if row.certificate is not None:
                    self._certificate(row.certificate)
            if row.state == "open" and self._writes:
                self._deeds(row)

    def _when(self, row: RequestRow) -> str:
        t, formats = self._visitor.t, self._visitor.formats
        parts = [
            t("asked {day}", day=formats.date_of(row.asked_at)),
            t("written down by {name}", name=row.opened_by),
        ]
        if row.state == "open":
            parts.insert(0, t("due {day}", day=formats.date_of(row.due_at)))
        elif row.done_at is not None and row.done_by is not None:
            day = formats.date_of(row.done_at)
            parts.append(t("closed {day} by {name}", day=day, name=row.done_by))
        return " · ".join(parts)

    def _certificate(self, certificate: Any) -> None:
        t, formats = self._visitor.t, self._visitor.formats
        rows = certificate.get("rows") or {}
        found = certificate.get("found")
        with block("cz-prv__certificate", tag="details"):
            words(t("Certificate"), tag="summary")
            pairs = [(t("Runs ended"), formats.number(certificate.get("runs_ended", 0)))]
            pairs += [(str(table), formats.number(count)) for table, count in rows.items()]
            facts(pairs)
            if found is None:
                words(t("Nobody has looked for what is left."), "cz-warn cz-small", tag="p")
            elif not found:
                text = t("Every text of the database was searched: nothing of theirs is left.")
                words(text, "cz-good cz-small", tag="p")
            else:
                tables = ", ".join(f"{table} ({count})" for table, count in found.items())
                text = t("The same words still stand in: {tables}. Look at them.", tables=tables)
                words(text, "cz-warn cz-small", tag="p")

    def _deeds(self, row: RequestRow) -> None:
        t = self._visitor.t
        if row.kind == "export":
            link = button_link(f"{PATH}/people/{row.contact_number}.zip", t("Archive"), "download")
            link.props["download"] = ""
            done = plain_button(t("They have it"), lambda: self._done(row), symbol="check")
            done.mark(f"done-{row.id}")
        else:
            erase = plain_button(t("Erase"), lambda: self._ask_erase(row), symbol="person_off")
            erase.mark(f"erase-{row.id}")
        refuse = plain_button(t("Decline"), lambda: self._ask_decline(row))
        refuse.mark(f"decline-{row.id}")

    def _add(self) -> None:
        t = self._visitor.t
        FormDialog(
            t,
            t("Write down a request"),
            t("It is due thirty days after they asked."),
            [
                Blank(
                    "kind",
                    t("What they want"),
                    "export",
                    choices={key: t(words_[2]) for key, words_ in KINDS.items()},
                ),
                Blank("contact", t("Their e-mail address, or the contact's number")),
                Blank("note", t("How it came"), hint=t("It is cleared when they are erased.")),
            ],
            t("Write it down"),
            self._open,
        )

    async def _open(self, given: dict[str, str]) -> None:
        actor = await self._designer.actor(self._visitor.token)
        async with self._designer.transaction() as session:
            number = await contact_called(session, actor, given["contact"])
            if number is None:
                message = self._visitor.t("Nobody is known by this.")
                problem = Problem("/contact", "unknown", message)
                raise Refused("The request was not written down.", [problem])
            new = NewRequest(given["kind"], number, note=given["note"])
            await open_request(session, actor, new, self._designer.now())
        ui.notify(self._visitor.t("It is written down."), type="positive")
        await self._show()

    async def _done(self, row: RequestRow) -> None:
        actor = await self._designer.actor(self._visitor.token)
        async with self._designer.transaction() as session:
            await complete_export(session, actor, row.id, self._designer.now())
        await self._show()

    def _ask_erase(self, row: RequestRow) -> None:
        t = self._visitor.t
        FormDialog(
            t,
            t("Erase contact {number} for good?", number=row.contact_number),
            t(
                "Their runs end, everything that says who they are goes, and they are never "
                "written to again. Figures stay. It cannot be undone."
            ),
            [Blank("again", t("Write the contact's number, to be sure"))],
            t("Erase"),
            lambda given: self._erase(row, given["again"]),
            mark="erase",
        )

    async def _erase(self, row: RequestRow, again: str) -> None:
        t = self._visitor.t
        if again.strip() != str(row.contact_number):
            message = t("This is another number.")
            raise Refused("Nothing was erased.", [Problem("/again", "differs", message)])
        actor = await self._designer.actor(self._visitor.token)
        made = await erase_and_certify(
            self._designer.runtime.store,
            actor,
            row.contact_number,
            now=self._designer.now(),
            zone=self._designer.runtime.shared.default_zone,
            request_id=row.id,
        )
        count = sum(made.rows.values())
        ui.notify(t("Erased: {count} rows.", count=count), type="positive")
        await self._show()

    def _ask_decline(self, row: RequestRow) -> None:
        t = self._visitor.t
        FormDialog(
            t,
            t("Decline this request?"),
            t("The person is to be told why, and that they may complain."),
            [Blank("reason", t("Why"))],
            t("Decline"),
            lambda given: self._decline(row, given["reason"]),
            mark="decline",
        )

    async def _decline(self, row: RequestRow, reason: str) -> None:
        actor = await self._designer.actor(self._visitor.token)
        async with self._designer.transaction() as session:
            await decline_request(session, actor, row.id, reason, self._designer.now())
        await self._show()
