"""Rules of work: pipelines, approvals, escalations and assignment, by kind, with their versions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from starlette.requests import Request

from designer.components.data_table import Cell, Column, DataTable, Row
from designer.components.filter_tabs import filter_tabs
from designer.definition_words import KINDS, MANY, ROOM, STATES, address_of, kind_of, label_in
from designer.page import page
from designer.runtime import Designer
from designer.shell import frame
from designer.terms import term, toned
from designer.visitor import Visitor, current
from designer.widgets import block, button_link, empty_state, words
from engine.definitions import DefinitionKind, Draft
from engine.runtime import templates_folder
from engine.services.actor import may
from engine.services.definitions import DefinitionLine, list_definitions
from engine.services.definitions.ready import ready_definitions


def register(designer: Designer) -> None:
    @page(ROOM)
    async def definitions(request: Request) -> None:
        visitor = current()
        kind = kind_of(request.query_params.get("kind"))
        async with designer.transaction() as session:
            found = await list_definitions(session, visitor.somebody, kind)
        ready = _not_yet(found, kind, visitor)
        t = visitor.t
        with frame(ROOM, t("Rules of work")) as actions:
            may_publish = [k for k in DefinitionKind if may(visitor.somebody, "publish", k.value)]
            if may_publish:
                wanted = kind if kind in may_publish else may_publish[0]
                with actions:
                    address = f"{ROOM}/new?kind={wanted.value}"
                    button_link(address, t("New definition"), "add", main=True).mark("new")
            with block("cz-stack"):
                tabs = [(None, t("All")), *((one, t(name)) for one, name in MANY.items())]
                query = {"kind": kind.value if kind else None}
                filter_tabs(t("Kind"), ROOM, query, "kind", tabs)
                with block("cz-card"):
                    _list(found, ready, visitor)
                note = t("What has begun keeps the version it began with.")
                words(note, "cz-soft cz-small")


def _list(found: Sequence[DefinitionLine], ready: Sequence[Draft], visitor: Visitor) -> None:
    t = visitor.t
    if not found and not ready:
        empty_state(
            "rule",
            t("Nothing here yet"),
            t("A definition says how work is done: through which stages, by whose consent."),
        )
        return
    rows = [*(_row(one, visitor) for one in found), *(_ready_row(one, visitor) for one in ready)]
    DataTable(t("Rules of work"), _columns(visitor), rows)


def _columns(visitor: Visitor) -> list[Column]:
    t = visitor.t
    return [
        Column(t("Definition"), wraps=True),
        Column(t("Kind")),
        Column(t("State")),
        Column(t("Version"), "right"),
        Column(t("Published")),
        Column(t("By")),
    ]


def _row(one: DefinitionLine, visitor: Visitor) -> Row:
    t = visitor.t
    here = address_of(one.kind, one.name)
    label = one.label_zh if t.short == "zh" and one.label_zh else one.label
    state, tone = toned(STATES, one.state, t)
    return Row(
        (
            Cell(label, here, sub=one.name),
            Cell(term(KINDS, one.kind, t)),
            Cell(state, tone=tone),
            Cell(str(one.number)),
            Cell(visitor.formats.moment(one.published_at)),
            Cell(one.published_by or ""),
        ),
        here,
    )


def _ready_row(draft: Draft, visitor: Visitor) -> Row:
    t = visitor.t
    here = address_of(draft.kind.value, draft.name)
    state, tone = toned(STATES, "ready", t)
    return Row(
        (
            Cell(label_in(t.short, draft.label, draft.document), here, sub=draft.name),
            Cell(term(KINDS, draft.kind.value, t)),
            Cell(state, tone=tone),
            Cell(""),
            Cell(""),
            Cell(""),
        ),
        here,
    )


def _not_yet(
    found: Iterable[DefinitionLine], kind: DefinitionKind | None, visitor: Visitor
) -> list[Draft]:
    """Shipped definitions that nobody has published here."""
    known = {(one.kind, one.name) for one in found}
    return [
        draft
        for draft in ready_definitions(templates_folder())
        if (draft.kind.value, draft.name) not in known
        and kind in (None, draft.kind)
        and may(visitor.somebody, "publish", draft.kind.value)
    ]
