"""Open deals that something holds up: with whom, since when, and why."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from nicegui import ui
from starlette.requests import Request

from designer.asking import plain_button
from designer.components.data_table import Column
from designer.components.filter_tabs import filter_tabs
from designer.components.paged_table import Fetched, PagedTable, Turn
from designer.page import page
from designer.runtime import Designer
from designer.sales.board_filter import chosen_of
from designer.sales.stuck_rows import csv_text, stuck_row
from designer.sales.words import BOARD, STUCK, in_language
from designer.shell import frame
from designer.visitor import current
from designer.widgets import block, empty_state, words
from engine.local_time import local_date
from engine.services.deals.board import Card, board_pipelines, stuck_deals
from engine.services.work import Work

_PAGE = 50
_MOST_IN_FILE = 300


def register(designer: Designer) -> None:
    @page(STUCK)
    async def stuck(request: Request) -> None:
        visitor = current()
        t, somebody = visitor.t, visitor.somebody
        async with designer.transaction() as session:
            pipelines = await board_pipelines(session, somebody)
        labels = {one.key: in_language(one.label, one.label_zh, t) for one in pipelines}
        chosen = replace(chosen_of(dict(request.query_params)), stuck=True)
        zone = designer.runtime.shared.default_zone
        wanted = chosen.wanted(somebody.id, local_date(designer.now(), zone))
        pipeline = chosen.pipeline if chosen.pipeline in labels else None
        # Where the pages so far began, and where the present one ends.
        marks: list[tuple[int, int] | None] = [None]
        last: list[tuple[int, int]] = []

        async def read(after: tuple[int, int] | None, limit: int) -> list[Card]:
            actor = await designer.actor(visitor.token)
            async with designer.transaction() as session:
                work = Work(session, designer.now(), designer.runtime.shared)
                return await stuck_deals(work, actor, wanted, pipeline, after=after, limit=limit)

        async def fetch(turn: Turn) -> Fetched:
            if turn == "first":
                del marks[1:]
            elif turn == "previous" and len(marks) > 1:
                marks.pop()
            elif turn == "next" and last:
                marks.append(last[0])
            cards = await read(marks[-1], _PAGE + 1)
            shown = cards[:_PAGE]
            last[:] = [(shown[-1].rank, shown[-1].id)] if shown else []
            rows = tuple(stuck_row(card, visitor, designer.now()) for card in shown)
            return Fetched(rows, len(marks) > 1, len(cards) > _PAGE)

        async def download() -> None:
            found = await read(None, _MOST_IN_FILE)
            ui.download.content(csv_text(found).encode("utf-8-sig"), "held-up.csv", "text/csv")

        with frame(STUCK, t("Held up"), styles=("sales.css",)) as actions:
            with actions:
                plain_button("CSV", download, symbol="download").mark("csv")
            with block("cz-stack"):
                words(
                    t(
                        "Open deals past an alert, silent for too long, past their date, without "
                        "an owner, with an open case, or waiting for an approval."
                    ),
                    "cz-soft",
                    tag="p",
                )
                with block("cz-row"):
                    query = {"pipeline": pipeline, "owner": chosen.owner or None}
                    whose = [(None, t("Everybody's")), ("me", t("Mine")), ("none", t("Nobody's"))]
                    filter_tabs(t("Owner"), STUCK, query, "owner", whose)
                    if len(labels) > 1:
                        tabs = [(None, t("All")), *labels.items()]
                        filter_tabs(t("Pipeline"), STUCK, query, "pipeline", tabs)
                nothing = partial(
                    empty_state,
                    "task_alt",
                    t("Nothing is held up"),
                    t("Every open deal is on time and has somebody."),
                    link=(BOARD, t("To the board")),
                )
                columns = [
                    Column(t("Deal"), wraps=True),
                    Column(t("Stage")),
                    Column(t("Owner")),
                    Column(t("Amount"), "right"),
                    Column(t("On this stage"), "right"),
                    Column(t("Why"), wraps=True),
                ]
                table = PagedTable(t("Held up"), columns, fetch, nothing, t)
                await table.turn("first")
