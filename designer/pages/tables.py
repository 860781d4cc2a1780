"""All decision tables, a new one, and one of them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from starlette.requests import Request

from designer.components.data_table import Cell, Column, DataTable, Row
from designer.page import page
from designer.rule_builder.workbench import STYLE
from designer.runtime import Designer
from designer.shell import frame
from designer.tables import sheet
from designer.tables.desk import Desk
from designer.tables.room import TableRoom
from designer.tables.wordings import POLICIES, ROOM, address_of
from designer.visitor import Visitor, current
from designer.widgets import anchor, block, button_link, card, empty_state, words
from engine.errors import NotFound
from engine.rules import Catalogue
from engine.rules.tables import HitPolicy, Table, TableRefused, from_csv, from_document
from engine.runtime import templates_folder
from engine.services.actor import allowed, may
from engine.services.decision_tables import list_tables, show_table
from engine.services.rules import vocabulary


def register(designer: Designer) -> None:
    @page(ROOM)
    async def tables() -> None:
        await _list_page(designer, current())

    @page(f"{ROOM}/new")
    async def new(request: Request) -> None:
        visitor = current()
        allowed(visitor.somebody, "create", "decision_table")
        async with designer.transaction() as session:
            catalogue = await vocabulary(session, visitor.somebody, "contact")
        wanted = request.query_params.get("from", "")
        begun = _ready().get(wanted) or _blank(visitor, catalogue)
        TableRoom(Desk(designer, visitor, catalogue, begun))

    @page(f"{ROOM}/{{name}}")
    async def table(name: str) -> None:
        visitor = current()
        async with designer.transaction() as session:
            record = await show_table(session, visitor.somebody, name)
            catalogue = await vocabulary(session, visitor.somebody, "contact")
            document, revision = record.document, record.revision
        try:
            stored = from_document(document)
        except TableRefused as refused:
            raise NotFound(f'The decision table "{name}" cannot be read.') from refused
        may_edit = may(visitor.somebody, "edit", "decision_table")
        desk = Desk(designer, visitor, catalogue, stored, stored, revision, may_edit=may_edit)
        TableRoom(desk)


def _blank(visitor: Visitor, catalogue: Catalogue) -> Table:
    first = "contact.country" if catalogue.fact("contact", "country") else "contact.id"
    return sheet.blank("my_table", visitor.t("My table"), first)


def _ready() -> dict[str, Table]:
    """Those that come with Cadenza, by file name."""
    folder = Path(templates_folder()) / "tables"
    return {
        path.stem: from_csv(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.csv"))
    }


async def _list_page(designer: Designer, visitor: Visitor) -> None:
    t = visitor.t
    async with designer.transaction() as session:
        found = [
            (one.name, one.label, one.document, one.updated_at)
            for one in await list_tables(session, visitor.somebody)
        ]
    may_make = may(visitor.somebody, "create", "decision_table")
    with frame(ROOM, t("Decision tables"), styles=(STYLE,)) as actions:
        if may_make:
            with actions:
                button_link(f"{ROOM}/new", t("New decision table"), "add", main=True)
        with block("cz-stack"):
            with block("cz-card"):
                if not found:
                    empty_state(
                        "table_chart",
                        t("No decision tables yet"),
                        t(
                            "A table answers one question by rows: who takes this lead, which "
                            "offer does this customer get. Flows ask it by name."
                        ),
                    )
                else:
                    rows = [_row(*one, visitor) for one in found]
                    DataTable(t("Decision tables"), _columns(visitor), rows)
            if may_make:
                _ready_ones(visitor, {one[0] for one in found})


def _ready_ones(visitor: Visitor, known: set[str]) -> None:
    t = visitor.t
    ready = {key: one for key, one in _ready().items() if one.name not in known}
    if not ready:
        return
    with card(t("Begin with a ready one")), block("cz-pad cz-stack cz-tight"):
        for key, one in ready.items():
            with anchor(f"{ROOM}/new?from={key}", classes="cz-find"):
                words(one.label, "cz-strong")
                rows = t.n("{count} row", "{count} rows", len(one.rows))
                words(rows, "cz-soft cz-small")


def _columns(visitor: Visitor) -> list[Column]:
    t = visitor.t
    return [
        Column(t("Decision table"), wraps=True),
        Column(t("What answers")),
        Column(t("Rows"), "right"),
        Column(t("Changed")),
    ]


def _row(name: str, label: str, document: object, updated: datetime, visitor: Visitor) -> Row:
    t, formats = visitor.t, visitor.formats
    given = document if isinstance(document, dict) else {}
    policies = {one.value: t(said) for one, said in POLICIES.items()}
    here = address_of(name)
    hit = str(given.get("hit", HitPolicy.FIRST.value))
    rows = given.get("rows")
    return Row(
        (
            Cell(label, here, sub=name),
            Cell(policies.get(hit, hit)),
            Cell(formats.number(len(rows)) if isinstance(rows, list) else ""),
            Cell(formats.moment(updated)),
        ),
        here,
    )
