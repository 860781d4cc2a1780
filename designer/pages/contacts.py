"""The table of contacts: any page of a million of them at once."""

from __future__ import annotations

from typing import Final, cast

from nicegui import ui
from starlette.requests import Request

from designer.components.data_table import Cell, Column, Row
from designer.components.filter_tabs import address, filter_tabs
from designer.components.paged_table import Fetched, PagedTable, Turn
from designer.components.search_box import search_box
from designer.page import page
from designer.runtime import Designer
from designer.shell import frame
from designer.terms import LIFECYCLE_STAGES, toned
from designer.visitor import Visitor, current
from designer.widgets import block, empty_state, words
from engine.services.views.contacts import (
    COUNTED_FINDS,
    ContactLine,
    ContactTable,
    Sorting,
    contact_count,
    contact_table,
)

PAGE_ROWS: Final = 50


def register(designer: Designer) -> None:
    @page("/contacts")
    async def contacts(request: Request) -> None:
        asked = request.query_params
        sorting = "newest" if asked.get("sort") == "newest" else "name"
        room = _Room(designer, current(), asked.get("q", "")[:200], cast(Sorting, sorting))
        await room.build()


class _Room:
    def __init__(self, designer: Designer, visitor: Visitor, search: str, sorting: Sorting) -> None:
        self.designer = designer
        self.visitor = visitor
        self.search = search
        self.sorting: Sorting = sorting
        self.shown: ContactTable | None = None
        # How many contacts stand before the page; None after "last", where nobody counted.
        self.before: int | None = 0
        self.total = 0

    async def build(self) -> None:
        t = self.visitor.t
        with frame("/contacts", t("Contacts")), block("cz-stack"):
            with block("cz-row"):
                search_box(t("Name or e-mail"), self.search, self._search)
                filter_tabs(
                    t("Order"),
                    "/contacts",
                    {"q": self.search, "sort": None if self.sorting == "name" else self.sorting},
                    "sort",
                    [(None, t("By name")), ("newest", t("Newest first"))],
                )
            self.table = PagedTable(
                t("Contacts"), self._columns(), self._fetch, self._empty, t, has_last=True
            )
            await self.table.turn()

    def _columns(self) -> list[Column]:
        t = self.visitor.t
        return [
            Column(t("Name")),
            Column(t("Stage")),
            Column(t("Account")),
            Column(t("Owner")),
            Column(t("Country")),
            Column(t("Score"), "right"),
            Column(t("Last seen")),
            Column(t("Created")),
        ]

    async def _search(self, words: str) -> None:
        self.search = words
        sort = None if self.sorting == "name" else self.sorting
        ui.navigate.history.replace(address("/contacts", {"q": words, "sort": sort}))
        await self.table.turn()

    async def _fetch(self, turn: Turn) -> Fetched:
        actor = await self.designer.actor(self.visitor.token)
        shown = self.shown
        mark = None
        if shown is not None and turn in ("next", "previous"):
            mark = shown.last if turn == "next" else shown.first
        async with self.designer.transaction() as session:
            found = await contact_table(
                session,
                actor,
                sorting=self.sorting,
                search=self.search,
                direction=turn if mark is not None or turn == "last" else "first",
                mark=mark,
                limit=PAGE_ROWS,
            )
        self.total = await self._count()
        self._keep_place(turn, found)
        self.shown = found
        return Fetched(
            tuple(self._row(line) for line in found.lines),
            found.has_previous,
            found.has_next,
            self._told(found),
        )

    async def _count(self) -> int:
        visitor, search = self.visitor, self.search

        async def question() -> int:
            async with self.designer.transaction() as session:
                return await contact_count(session, visitor.somebody, search)

        return await self.designer.pulses.ask(("contacts", search), question)

    def _keep_place(self, turn: Turn, found: ContactTable) -> None:
        shown = len(self.shown.lines) if self.shown else 0
        if turn == "first" or not found.has_previous:
            self.before = 0
        elif turn == "last":
            known = self.total <= COUNTED_FINDS or not self.search
            self.before = max(self.total - len(found.lines), 0) if known else None
        elif self.before is not None:
            self.before += shown if turn == "next" else -len(found.lines)

    def _told(self, found: ContactTable) -> str:
        t, number = self.visitor.t, self.visitor.formats.number
        if not found.lines:
            return ""
        many = self.search and self.total > COUNTED_FINDS
        total = t("more than {count}", count=number(COUNTED_FINDS)) if many else number(self.total)
        if self.before is None:
            return t("{total} in all", total=total)
        first, last = self.before + 1, self.before + len(found.lines)
        return t("{first}-{last} of {total}", first=number(first), last=number(last), total=total)

    def _row(self, line: ContactLine) -> Row:
        t, formats = self.visitor.t, self.visitor.formats
        stage, tone = toned(LIFECYCLE_STAGES, line.lifecycle_stage, t)
        here = f"/contacts/{line.id}"
        return Row(
            (
                Cell(line.name, here, sub=(line.email or "") if line.email != line.name else ""),
                Cell(stage, tone=tone),
                Cell(line.account or ""),
                Cell(line.owner or ""),
                Cell(line.country or ""),
                Cell(formats.number(line.score) if line.score else ""),
                Cell(
                    formats.ago(line.last_seen_at, self.designer.now()) if line.last_seen_at else ""
                ),
                Cell(formats.moment(line.created_at)),
            ),
            here,
        )

    def _empty(self) -> None:
        t = self.visitor.t
        if self.search:
            empty_state(
                "person_search",
                t("Nobody is called like this"),
                t(
                    "From three letters on, a piece of the name or address is enough; one or two "
                    "letters must begin it."
                ),
                link=("/contacts", t("Show all contacts")),
            )
            return
        empty_state(
            "people",
            t("No contacts yet"),
            t(
                "Bring them from a CSV or Excel file; importing the same file twice changes "
                "nothing."
            ),
        )
        words("cadenza import contacts.csv --as contacts", "cz-code", tag="code")
