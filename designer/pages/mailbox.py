"""The local mailbox: what would have gone out, to be read here."""

from __future__ import annotations

import asyncio
from typing import Final

from nicegui import ui
from starlette.requests import Request

from designer.components.data_table import Cell, Column, Row
from designer.components.filter_tabs import address
from designer.components.mail_view import key_of, mail_view
from designer.components.paged_table import Fetched, PagedTable, Turn
from designer.components.search_box import search_box
from designer.live import EVERY_SECONDS
from designer.page import page
from designer.runtime import Designer
from designer.shell import frame
from designer.visitor import Visitor, current
from designer.widgets import anchor, ask_to_sign_in, block, card, empty_state, facts, icon, words
from engine.channels.mailbox import Mail, Mailbox
from engine.channels.mailbox_store import Summary
from engine.errors import NotFound, NotSignedIn
from engine.services.actor import allowed
from engine.services.views.messages import message_of_key

PAGE_ROWS: Final = 50


def register(designer: Designer) -> None:
    @page("/mailbox")
    async def mailbox(request: Request) -> None:
        visitor = current()
        allowed(visitor.somebody, "read", "mailbox")
        if designer.mailbox is None:
            _nowhere(visitor)
            return
        search = request.query_params.get("q", "")[:200]
        await _Room(designer, designer.mailbox, visitor, search).build()

    @page("/mailbox/{number}")
    async def mail(number: str) -> None:
        visitor = current()
        allowed(visitor.somebody, "read", "mailbox")
        if designer.mailbox is None or not number.isdecimal() or len(number) > 18:
            raise NotFound(f"There is no mail {number}.")
        found = await asyncio.to_thread(designer.mailbox.message, int(number))
        key = key_of(found.summary.message_id)
        async with designer.transaction() as session:
            ours = await message_of_key(session, visitor.somebody, key)
        _mail(found, visitor, ours)


def _nowhere(visitor: Visitor) -> None:
    t = visitor.t
    with frame("/mailbox", t("Mailbox")), block("cz-card"):
        empty_state(
            "outgoing_mail",
            t("Mail really goes out"),
            t(
                "A mail server is set up, so there is no local mailbox. Messages shows what was "
                "sent."
            ),
            link=("/messages", t("See messages")),
        )


class _Room:
    def __init__(self, designer: Designer, mailbox: Mailbox, visitor: Visitor, search: str) -> None:
        self.designer = designer
        self.mailbox = mailbox
        self.visitor = visitor
        self.search = search
        self.marks: list[int | None] = [None]
        self.following: int | None = None
        self.count = 0

    async def build(self) -> None:
        t = self.visitor.t
        with frame("/mailbox", t("Mailbox")), block("cz-stack"):
            with block("cz-row"):
                search_box(t("Subject or address"), self.search, self._search)
                words(
                    t("Mail stays on this machine; nothing was delivered to anybody."),
                    "cz-soft cz-small",
                )
            columns = [Column(t("Subject"), wraps=True), Column(t("To")), Column(t("Received"))]
            self.table = PagedTable(t("Mailbox"), columns, self._fetch, self._empty, t)
            await self.table.turn()

        async def look_for_new() -> None:
            try:
                await self.designer.actor(self.visitor.token)
            except NotSignedIn:
                timer.cancel()
                ask_to_sign_in()
                return
            newest = self.marks == [None]
            if newest and await asyncio.to_thread(self.mailbox.count) != self.count:
                await self.table.turn()

        timer = ui.timer(EVERY_SECONDS, look_for_new, immediate=False)

    async def _search(self, words: str) -> None:
        self.search = words
        ui.navigate.history.replace(address("/mailbox", {"q": words}))
        await self.table.turn()

    async def _fetch(self, turn: Turn) -> Fetched:
        if turn == "first":
            self.marks = [None]
        elif turn == "next" and self.following is not None:
            self.marks.append(self.following)
        elif turn == "previous" and len(self.marks) > 1:
            self.marks.pop()
        allowed(await self.designer.actor(self.visitor.token), "read", "mailbox")
        found = await asyncio.to_thread(self._read, self.marks[-1])
        shown = found[:PAGE_ROWS]
        more = len(found) > PAGE_ROWS
        self.following = shown[-1].id if more else None
        t, number = self.visitor.t, self.visitor.formats.number
        told = "" if self.search else t("{count} in all", count=number(self.count))
        return Fetched(
            tuple(self._row(summary) for summary in shown), len(self.marks) > 1, more, told
        )

    def _read(self, before: int | None) -> list[Summary]:
        self.count = self.mailbox.count()
        return self.mailbox.page(before=before, limit=PAGE_ROWS + 1, search=self.search or None)

    def _row(self, summary: Summary) -> Row:
        here = f"/mailbox/{summary.id}"
        return Row(
            (
                Cell(summary.subject or self.visitor.t("(no subject)"), here, sub=summary.sender),
                Cell(", ".join(summary.recipients)),
                Cell(self.visitor.formats.moment(summary.received_at)),
            ),
            here,
        )

    def _empty(self) -> None:
        t = self.visitor.t
        if self.search:
            empty_state(
                "filter_alt_off",
                t("No mail is like this"),
                t("Look for a piece of the subject or of an address."),
                link=("/mailbox", t("Show all mail")),
            )
            return
        empty_state(
            "inbox",
            t("No mail yet"),
            t("Publish a flow that sends a message; its mail arrives here and nowhere else."),
            link=("/flows", t("See flows")),
        )


def _mail(mail: Mail, visitor: Visitor, message_id: int | None) -> None:
    t, summary = visitor.t, mail.summary
    title = summary.subject or t("(no subject)")
    with (
        frame("/mailbox", title, trail=[("/mailbox", t("Mailbox"))]) as actions,
        block("cz-stack cz-narrow"),
    ):
        if message_id is not None:
            with actions, anchor(f"/messages/{message_id}", classes="cz-button"):
                icon("route", "18px")
                words(t("Why it was sent"))
        with card():
            facts(
                [
                    (t("From"), summary.sender),
                    (t("To"), ", ".join(summary.recipients)),
                    (t("Received"), visitor.formats.moment(summary.received_at)),
                ]
            )
        mail_view(mail, visitor)
