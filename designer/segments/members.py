"""Who is in a segment, a page at a time, and all of them as CSV."""

from __future__ import annotations

from typing import Any, Final

from nicegui import ui

from designer.asking import plain_button
from designer.components.data_table import Cell, Column, Row
from designer.components.paged_table import Fetched, PagedTable, Turn
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, empty_state, words
from engine.errors import NotSignedIn
from engine.services.actor import may
from engine.services.message_results.csv_text import table
from engine.services.segments.looking import LONGEST_PAGE, members

PAGE: Final = 25
MOST_IN_CSV: Final = 100_000


class Members:
    """A card that turns pages by contact number."""

    def __init__(self, designer: Designer, visitor: Visitor, name: str) -> None:
        self._designer, self._visitor, self._name = designer, visitor, name
        self._starts: list[int] = [0]
        self._last = 0
        self._table: PagedTable | None = None

    async def build(self) -> None:
        t = self._visitor.t
        if not may(self._visitor.somebody, "read", "contact"):
            return
        with block("cz-row"):
            words(t("Members"), "cz-h2 cz-grow", tag="h2")
            plain_button(t("CSV"), self._csv, symbol="download").mark("members-csv")
        columns = [Column(t("Name")), Column(t("E-mail")), Column(t("In it since"))]
        self._table = PagedTable(t("Members"), columns, self._fetch, self._empty, t)
        await self._table.turn()

    async def follow(self) -> None:
        """Somebody came or went: show it to whoever looks at the first page."""
        if len(self._starts) == 1:
            await self.reload()

    async def reload(self) -> None:
        self._starts = [0]
        if self._table is not None:
            await self._table.turn()

    async def _page(self, after: int, limit: int) -> list[Any]:
        actor = await self._designer.actor(self._visitor.token)
        async with self._designer.transaction() as session:
            return list(await members(session, actor, self._name, after=after, limit=limit))

    async def _fetch(self, turn: Turn) -> Fetched:
        if turn == "first":
            self._starts = [0]
        elif turn == "previous" and len(self._starts) > 1:
            self._starts.pop()
        elif turn == "next":
            self._starts.append(self._last)
        found = await self._page(self._starts[-1], PAGE + 1)
        shown = found[:PAGE]
        self._last = shown[-1].contact_id if shown else 0
        rows = tuple(self._row(one) for one in shown)
        return Fetched(rows, len(self._starts) > 1, len(found) > PAGE)

    def _row(self, one: Any) -> Row:
        name = _called(one) or one.email or f"#{one.contact_id}"
        here = f"/contacts/{one.contact_id}"
        since = self._visitor.formats.moment(one.entered_at)
        return Row((Cell(name, here), Cell(one.email or ""), Cell(since)), here)

    def _empty(self) -> None:
        t = self._visitor.t
        empty_state(
            "person_off",
            t("Nobody is in it"),
            t("As soon as it holds for somebody, they stand here."),
        )

    async def _csv(self) -> None:
        t, found, after = self._visitor.t, 0, 0
        lines: list[list[Any]] = [["contact_id", "name", "email", "since"]]
        try:
            while found < MOST_IN_CSV and (page := await self._page(after, LONGEST_PAGE)):
                lines.extend(
                    [one.contact_id, _called(one), one.email, one.entered_at.isoformat()]
                    for one in page
                )
                found, after = found + len(page), page[-1].contact_id
        except NotSignedIn:
            ask_to_sign_in()
            return
        if found >= MOST_IN_CSV:
            told = t.n("The file has the first {count}.", "The file has the first {count}.", found)
            ui.notify(told, type="warning")
        # the mark in front lets spreadsheets read it as UTF-8
        ui.download.content(f"\ufeff{table(lines)}", f"segment-{self._name}.csv", "text/csv")


def _called(one: Any) -> str:
    return " ".join(filter(None, (one.first_name, one.last_name)))
