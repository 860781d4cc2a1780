"""All segments with their sizes, a new one, and one of them."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui
from starlette.requests import Request

from designer.components.data_table import Cell, Column, DataTable, Row
from designer.live import EVERY_SECONDS
from designer.page import page
from designer.rule_builder.workbench import STYLE
from designer.runtime import Designer
from designer.segments.new_segment import NewSegmentForm
from designer.segments.room import SegmentRoom
from designer.segments.wordings import KINDS, ROOM, STATES, address_of, label_in
from designer.shell import frame
from designer.terms import term, toned
from designer.visitor import Visitor, current
from designer.widgets import ask_to_sign_in, block, button_link, empty_state, words
from engine.errors import NotSignedIn
from engine.services.actor import allowed, may
from engine.services.rules import vocabulary
from engine.services.segments.looking import SegmentSummary, list_segments


def register(designer: Designer) -> None:
    @page(ROOM)
    async def segments() -> None:
        await _list_page(designer, current())

    @page(f"{ROOM}/new")
    async def new(request: Request) -> None:
        visitor = current()
        t = visitor.t
        allowed(visitor.somebody, "create", "segment")
        async with designer.transaction() as session:
            catalogue = await vocabulary(session, visitor.somebody, "contact")
        with frame(ROOM, t("New segment"), trail=[(ROOM, t("Segments"))], styles=(STYLE,)):
            form = NewSegmentForm(designer, visitor, catalogue)
            await form.build(by_hand=request.query_params.get("kind") == "static")

    @page(f"{ROOM}/{{name}}")
    async def segment(name: str) -> None:
        await SegmentRoom(designer, current(), name).build()


async def _list_page(designer: Designer, visitor: Visitor) -> None:
    t = visitor.t

    async def ask() -> Sequence[SegmentSummary]:
        actor = await designer.actor(visitor.token)

        async def question() -> Sequence[SegmentSummary]:
            async with designer.transaction() as session:
                return await list_segments(session, actor)

        return await designer.pulses.ask(("segments", actor.sight), question)

    found = await ask()
    with frame(ROOM, t("Segments"), styles=(STYLE,)) as actions:
        if may(visitor.somebody, "create", "segment"):
            with actions:
                button_link(f"{ROOM}/new", t("New segment"), "add", main=True).mark("new-segment")
        with block("cz-stack"):
            if not found:
                with block("cz-card"):
                    _empty(visitor)
                return
            with block("cz-card"):
                rows = [_row(one, visitor) for one in found]
                table = DataTable(t("Segments"), _columns(visitor), rows)
            note = t("Members come and go by themselves as facts and time change.")
            words(note, "cz-soft cz-small")

    async def refresh() -> None:
        try:
            table.show_if_changed([_row(one, visitor) for one in await ask()])
        except NotSignedIn:
            timer.cancel()
            ask_to_sign_in()

    timer = ui.timer(EVERY_SECONDS, refresh, immediate=False)


def _empty(visitor: Visitor) -> None:
    t = visitor.t
    may_make = may(visitor.somebody, "create", "segment")
    empty_state(
        "donut_small",
        t("No segments yet"),
        t(
            "A segment is a rule with everybody it holds for: customers who went quiet, people "
            "who looked at the prices. Flows start from it and rules name it."
        ),
        link=(f"{ROOM}/new", t("Make the first one")) if may_make else None,
    )


def _columns(visitor: Visitor) -> list[Column]:
    t = visitor.t
    return [
        Column(t("Segment"), wraps=True),
        Column(t("Kind")),
        Column(t("State")),
        Column(t("Members"), "right"),
        Column(t("Counted")),
    ]


def _row(one: SegmentSummary, visitor: Visitor) -> Row:
    t, formats = visitor.t, visitor.formats
    here = address_of(one.name)
    state, tone = toned(STATES, one.state, t)
    size = "" if one.size is None else formats.number(one.size)
    return Row(
        (
            Cell(label_in(t.short, one.label, one.label_zh), here, sub=one.name),
            Cell(term(KINDS, one.kind, t)),
            Cell(state, tone=tone),
            Cell(size),
            Cell(formats.moment(one.counted_at) if one.counted_at else ""),
        ),
        here,
    )
