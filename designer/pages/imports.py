"""Bringing files in, and what was brought in before."""

from __future__ import annotations

from nicegui import ui
from starlette.requests import Request

from designer.components.data_table import Cell, Column, DataTable, Row
from designer.importing.running import DESK
from designer.importing.wizard import Wizard
from designer.importing.words import KIND_NAMES, NOUNS
from designer.page import page
from designer.runtime import Designer
from designer.shell import frame
from designer.visitor import Visitor, current
from designer.widgets import anchor, block, button_link, card, words
from engine.services.views.imports import PAGE, PastImport, import_history


def register(designer: Designer) -> None:
    @page("/imports")
    async def imports(request: Request) -> None:
        visitor, t = current(), current().t
        query = request.query_params
        before = query.get("before", "")
        mark = int(before) if before.isdecimal() and len(before) <= 18 else None
        async with designer.transaction() as session:
            past = await import_history(session, visitor.somebody, before=mark)
        run = query.get("run", "")
        number = int(run) if run.isdecimal() and len(run) <= 9 else 0
        shown = DESK.find(number, visitor.somebody.id)
        trail = [("/contacts", t("Contacts"))]
        with (
            frame("/contacts", t("Import"), trail=trail, styles=("records.css",)),
            block("cz-stack cz-narrow"),
        ):
            _running(visitor, number)
            wizard = Wizard(designer, visitor, query.get("as", "contacts"), shown)
            await wizard.build()
            _history(past, visitor)


def _running(visitor: Visitor, shown: int) -> None:
    t = visitor.t
    for one in DESK.of(visitor.somebody.id):
        if one.number != shown and not one.is_over:
            with block("cz-notice is-accent").props("role=status"):
                ui.spinner(size="20px")
                anchor(
                    f"/imports?run={one.number}",
                    t("{file} is being imported", file=one.draft.name),
                )


def _history(past: list[PastImport], visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    with card(t("Imported before")):
        if not past:
            words(t("Nothing was imported yet."), "cz-soft cz-pad", tag="p")
            return
        rows = [
            Row(
                (
                    Cell(one.file, sub=t(KIND_NAMES[NOUNS[one.kind]])),
                    Cell(formats.number(one.lines)),
                    Cell(formats.number(one.created)),
                    Cell(formats.number(one.updated)),
                    Cell(formats.number(one.unchanged)),
                    Cell(formats.number(one.rejected), tone="bad") if one.rejected else Cell("0"),
                    Cell(one.by),
                    Cell(formats.moment(one.at)),
                )
            )
            for one in past
        ]
        columns = [
            Column(t("File")),
            Column(t("Lines"), "right"),
            Column(t("New"), "right"),
            Column(t("Changes"), "right"),
            Column(t("Stays as it is"), "right"),
            Column(t("Not taken"), "right"),
            Column(t("By")),
            Column(t("When")),
        ]
        DataTable(t("Imported before"), columns, rows)
        if len(past) == PAGE:
            with block("cz-pad"):
                button_link(f"/imports?before={past[-1].id}", t("Older ones"))
