"""All runs: narrowed by flow, state and step, searched by person, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nicegui import ui
from starlette.requests import Request

from designer.components.data_table import Cell, Column, Row
from designer.components.filter_tabs import address, filter_tabs
from designer.components.paged_table import Fetched, PagedTable, Turn
from designer.components.search_box import search_box
from designer.flow_graph import title_of
from designer.held_runs import BulkDecisions, places_card, places_of
from designer.node_actions import node_switch
from designer.page import page
from designer.runtime import Designer
from designer.shell import frame
from designer.terms import HOLDS, OUTCOMES, RUN_STATES, term, toned
from designer.visitor import Visitor, current
from designer.widgets import anchor, block, empty_state, icon, words
from engine.services.plans import FlowBook
from engine.services.run_control import HeldPlace, Which
from engine.services.views.runs import RunFilter, RunLine, RunList, run_list

PAGE_ROWS: Final = 50


def register(designer: Designer) -> None:
    @page("/runs")
    async def runs(request: Request) -> None:
        visitor = current()
        await _Room(designer, visitor, query_of(request)).build()


def query_of(request: Request) -> dict[str, str | None]:
    """The filters in the address; anything that is no filter is left out."""
    names = ("flow", "state", "node", "code", "q")
    asked = {name: request.query_params.get(name) for name in names}
    if asked["state"] not in RUN_STATES:
        asked["state"] = None
    return {name: value[:200] if value else None for name, value in asked.items()}


class _Room:
    def __init__(self, designer: Designer, visitor: Visitor, query: dict[str, str | None]) -> None:
        self.designer = designer
        self.visitor = visitor
        self.query = query
        # Where each page above began, so that one can turn back.
        self.marks: list[int | None] = [None]
        self.following: int | None = None

    async def build(self) -> None:
        t, query = self.visitor.t, self.query
        held = query["state"] == "held"
        places = await places_of(self.designer, self.visitor) if held else []
        async with self.designer.transaction() as session:
            book = await self.designer.plans.book(session)
        with frame("/runs", t("Runs")), block("cz-stack"):
            with block("cz-row"):
                search_box(t("Name, e-mail or number of a run"), query["q"] or "", self._search)
                filter_tabs(
                    t("State"),
                    "/runs",
                    query,
                    "state",
                    [
                        (None, t("All")),
                        *((code, t(text)) for code, (text, _) in RUN_STATES.items()),
                    ],
                )
                self._narrowed()
            self._decide(places, book)
            table = PagedTable(t("Runs"), self._columns(), self._fetch, self._empty, t)
            self.table = table
            await table.turn()

    def _decide(self, places: Sequence[HeldPlace], book: FlowBook) -> None:
        """What can be done with all of these at once: their step paused, held ones decided."""
        designer, visitor, query = self.designer, self.visitor, self.query
        flow, node, code = query["flow"], query["node"], query["code"]
        active = next((one for one in book.flows.values() if one.name == flow), None)
        if active is not None and node is not None:
            paused = node in book.paused_nodes.get(active.id, ())
            if paused or node in active.plan.nodes:
                with block("cz-row"):
                    node_switch(designer, visitor, active.name, node, paused=paused)
        mine = [
            place
            for place in places
            if flow in (None, place.flow)
            and node in (None, place.node)
            and code in (None, place.code)
        ]
        if flow is not None and not query["q"]:
            which = Which(flow, node=node, code=code)
            deeds = BulkDecisions(designer, visitor, which, active.plan if active else None)
            deeds.build(sum(place.runs for place in mine))
        if len(mine) > 1:
            places_card(mine, visitor)

    def _narrowed(self) -> None:
        """Filters that came with a link, each with a way to drop it."""
        t, query = self.visitor.t, self.query
        for name, text in (
            ("flow", t("Flow: {flow}", flow=query["flow"])),
            ("node", t("Step: {step}", step=title_of(query["node"] or ""))),
            ("code", t("Reason: {reason}", reason=term(HOLDS, query["code"], t))),
        ):
            if query[name]:
                link = anchor(address("/runs", {**query, name: None}), classes="cz-chip is-accent")
                with link:
                    words(text)
                    icon("close", "14px")
                link.props["aria-label"] = t("Drop the filter “{filter}”", filter=text)

    def _columns(self) -> list[Column]:
        t = self.visitor.t
        return [
            Column(t("Contact")),
            Column(t("Flow")),
            Column(t("State")),
            Column(t("Where"), wraps=True),
            Column(t("Last moved")),
            Column(t("Entered")),
            Column(t("Run"), "right"),
        ]

    async def _search(self, words: str) -> None:
        self.query["q"] = words or None
        ui.navigate.history.replace(address("/runs", self.query))
        await self.table.turn()

    async def _fetch(self, turn: Turn) -> Fetched:
        if turn == "first":
            self.marks = [None]
        elif turn == "next" and self.following is not None:
            self.marks.append(self.following)
        elif turn == "previous" and len(self.marks) > 1:
            self.marks.pop()
        found = await self._ask(self.marks[-1])
        self.following = found.next_before
        t = self.visitor.t
        told = t("Page {number}", number=len(self.marks))
        several = found.next_before is not None or len(self.marks) > 1
        return Fetched(
            tuple(self._row(line) for line in found.lines),
            len(self.marks) > 1,
            found.next_before is not None,
            told if several else "",
        )

    async def _ask(self, before: int | None) -> RunList:
        actor = await self.designer.actor(self.visitor.token)
        wanted = RunFilter(
            flow=self.query["flow"],
            state=self.query["state"],
            node=self.query["node"],
            search=self.query["q"],
            code=self.query["code"],
        )
        async with self.designer.transaction() as session:
            return await run_list(session, actor, wanted, before=before, limit=PAGE_ROWS)

    def _row(self, line: RunLine) -> Row:
        return run_row(line, self.visitor, self.designer)

    def _empty(self) -> None:
        t = self.visitor.t
        if any(self.query.values()):
            empty_state(
                "filter_alt_off",
                t("No run is like this"),
                t("Nobody matches these filters. Drop one of them."),
                link=("/runs", t("Show all runs")),
            )
            return
        empty_state(
            "route",
            t("Nobody is in a flow yet"),
            t(
                "A run begins when somebody enters a live flow, by an event or by matching its "
                "rule."
            ),
            link=("/flows", t("See flows")),
        )


def run_row(line: RunLine, visitor: Visitor, designer: Designer) -> Row:
    t, formats, now = visitor.t, visitor.formats, designer.now()
    state, tone = toned(RUN_STATES, line.state, t)
    here = f"/runs/{line.id}"
    return Row(
        (
            Cell(line.contact, here, sub=line.email or ""),
            Cell(line.flow_label, sub=t("version {number}", number=line.version)),
            Cell(state, tone=tone),
            Cell(title_of(line.node), sub=standing(line, visitor)),
            Cell(formats.ago(line.moved_at, now)),
            Cell(formats.moment(line.entered_at)),
            Cell(str(line.id)),
        ),
        here,
    )


def standing(line: RunLine, visitor: Visitor) -> str:
    """What a run waits for, or how it ended."""
    t, formats = visitor.t, visitor.formats
    if line.state == "ended":
        return term(OUTCOMES, line.outcome, t)
    if line.state == "held":
        return term(HOLDS, line.outcome, t)
    if line.listens:
        return t("waits for “{event}”", event=", ".join(line.listens))
    if line.due_at:
        return t("until {when}", when=formats.moment(line.due_at))
    return ""
