"""Messages to contacts, and those of which nobody knows whether they were sent."""

from __future__ import annotations

from typing import Final

from nicegui import ui
from starlette.requests import Request

from designer.components.data_table import Cell, Column, Row
from designer.components.filter_tabs import address, filter_tabs
from designer.components.paged_table import Fetched, PagedTable, Turn
from designer.components.search_box import search_box
from designer.flow_graph import title_of
from designer.page import page
from designer.runtime import Designer
from designer.shell import frame
from designer.terms import MESSAGE_STATES, reason, toned
from designer.visitor import Visitor, current
from designer.widgets import (
    anchor,
    block,
    button_link,
    empty_state,
    icon,
    notice,
    words,
)
from engine.services.views.messages import (
    MessageFilter,
    MessageLine,
    message_list,
)

PAGE_ROWS: Final = 50
SHOWN_STATES: Final = ("sent", "maybe_sent", "refused", "withheld")


def register(designer: Designer) -> None:
    @page("/messages")
    async def messages(request: Request) -> None:
        await _Room(designer, current(), query_of(request)).build()


def query_of(request: Request) -> dict[str, str | None]:
    asked = {name: request.query_params.get(name) for name in ("flow", "state", "q")}
    if asked["state"] not in MESSAGE_STATES:
        asked["state"] = None
    return {name: value[:200] if value else None for name, value in asked.items()}


class _Room:
    def __init__(self, designer: Designer, visitor: Visitor, query: dict[str, str | None]) -> None:
        self.designer = designer
        self.visitor = visitor
        self.query = query
        self.marks: list[int | None] = [None]
        self.following: int | None = None

    async def build(self) -> None:
        t, query = self.visitor.t, self.query
        with frame("/messages", t("Messages")) as actions, block("cz-stack"):
            with actions:
                button_link("/message-results", t("Results"), "insights")
            with block("cz-row"):
                search_box(t("Name or e-mail"), query["q"] or "", self._search)
                choices = [(code, t(MESSAGE_STATES[code][0])) for code in SHOWN_STATES]
                filter_tabs(t("State"), "/messages", query, "state", [(None, t("All")), *choices])
                if query["flow"]:
                    text = t("Flow: {flow}", flow=query["flow"])
                    link = anchor(
                        address("/messages", {**query, "flow": None}), classes="cz-chip is-accent"
                    )
                    with link:
                        words(text)
                        icon("close", "14px")
                    link.props["aria-label"] = t("Drop the filter “{filter}”", filter=text)
            if query["state"] == "maybe_sent":
                notice(maybe_sent_words(self.visitor), "warn", "help_outline")
            columns = [
                Column(t("To")),
                Column(t("Subject"), wraps=True),
                Column(t("State")),
                Column(t("Flow")),
                Column(t("Handed over")),
            ]
            self.table = PagedTable(t("Messages"), columns, self._fetch, self._empty, t)
            await self.table.turn()

    async def _search(self, words: str) -> None:
        self.query["q"] = words or None
        ui.navigate.history.replace(address("/messages", self.query))
        await self.table.turn()

    async def _fetch(self, turn: Turn) -> Fetched:
        if turn == "first":
            self.marks = [None]
        elif turn == "next" and self.following is not None:
            self.marks.append(self.following)
        elif turn == "previous" and len(self.marks) > 1:
            self.marks.pop()
        actor = await self.designer.actor(self.visitor.token)
        wanted = MessageFilter(
            flow=self.query["flow"], state=self.query["state"], search=self.query["q"]
        )
        async with self.designer.transaction() as session:
            found = await message_list(
                session, actor, wanted, before=self.marks[-1], limit=PAGE_ROWS
            )
        self.following = found.next_before
        several = found.next_before is not None or len(self.marks) > 1
        told = self.visitor.t("Page {number}", number=len(self.marks))
        return Fetched(
            tuple(message_row(line, self.visitor) for line in found.lines),
            len(self.marks) > 1,
            found.next_before is not None,
            told if several else "",
        )

    def _empty(self) -> None:
        t = self.visitor.t
        if self.query["state"] == "maybe_sent":
            empty_state(
                "verified",
                t("Nothing is in doubt"),
                t("Of every message it is known whether it was sent."),
                link=("/messages", t("Show all messages")),
            )
        elif any(self.query.values()):
            empty_state(
                "filter_alt_off",
                t("No message is like this"),
                t("No message matches these filters. Drop one of them."),
                link=("/messages", t("Show all messages")),
            )
        else:
            empty_state(
                "forward_to_inbox",
                t("Nothing was sent yet"),
                t("Messages appear here as soon as a flow sends them."),
                link=("/flows", t("See flows")),
            )


def maybe_sent_words(visitor: Visitor) -> str:
    return visitor.t(
        "The connection broke after the message was handed over and before the answer came, and "
        "the mail server cannot be asked. Marketing messages count as sent, so that nobody gets "
        "one twice."
    )


def message_row(line: MessageLine, visitor: Visitor) -> Row:
    t, formats = visitor.t, visitor.formats
    state, tone = toned(MESSAGE_STATES, line.state, t)
    here = f"/messages/{line.id}"
    return Row(
        (
            Cell(line.contact, here, sub=line.address or ""),
            Cell(line.subject or line.template, sub=reason(line.reason, t)),
            Cell(state, tone=tone),
            Cell(line.flow_label, f"/flows/{line.flow}", sub=title_of(line.node)),
            Cell(formats.moment(line.handed_over_at)),
        ),
        here,
    )
