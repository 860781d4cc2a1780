"""The pipelines: which there are, how many deals stand on them, and making one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from starlette.requests import Request

from designer.components.data_table import Cell, Column, DataTable, Row
from designer.definition_words import STATES, label_in
from designer.page import page
from designer.runtime import Designer
from designer.sales.board_filter import Chosen
from designer.sales.cards import money_short
from designer.sales.pipeline_room import BLANK, STYLES, draw_new
from designer.sales.words import BOARD, PIPELINES
from designer.shell import frame
from designer.terms import toned
from designer.visitor import Visitor, current
from designer.widgets import anchor, block, button_link, card, empty_state, words
from engine.definitions import DefinitionKind, Draft, read_definition
from engine.runtime import templates_folder
from engine.services.actor import allowed, may
from engine.services.deals.board import Board, BoardFilter, board_pipelines, read_board
from engine.services.definitions import DefinitionLine, list_definitions
from engine.services.definitions.checking import world_for
from engine.services.definitions.ready import ready_definitions
from engine.services.work import Work

KIND = DefinitionKind.PIPELINE


def register(designer: Designer) -> None:
    @page(PIPELINES)
    async def pipelines() -> None:
        visitor = current()
        somebody, t = visitor.somebody, visitor.t
        async with designer.transaction() as session:
            found = await list_definitions(session, somebody, KIND)
            boards = {}
            if may(somebody, "read", "deal"):
                work = Work(session, designer.now(), designer.runtime.shared)
                for one in await board_pipelines(session, somebody):
                    boards[one.key] = await read_board(work, somebody, one.key, BoardFilter())
        may_publish = may(somebody, "publish", KIND.value)
        known = {one.name for one in found}
        ready = [
            one
            for one in ready_definitions(templates_folder())
            if one.kind is KIND and one.name not in known and may_publish
        ]
        with frame(PIPELINES, t("Pipelines"), styles=("sales.css",)) as actions:
            if may_publish:
                with actions:
                    button_link(f"{PIPELINES}/new", t("New pipeline"), "add", main=True)
            with block("cz-stack"):
                with block("cz-card"):
                    _list(found, boards, visitor)
                if ready:
                    _ready(ready, visitor)

    @page(f"{PIPELINES}/new")
    async def new(request: Request) -> None:
        visitor = current()
        t = visitor.t
        allowed(visitor.somebody, "publish", KIND.value)
        async with designer.transaction() as session:
            world = await world_for(session, visitor.somebody, KIND)
        trail = [(PIPELINES, t("Pipelines"))]
        with frame(PIPELINES, t("New pipeline"), trail=trail, styles=STYLES), block("cz-stack"):
            draft = read_definition(BLANK, "pipeline.yaml")
            as_text = request.query_params.get("view") == "text"
            draw_new(designer, visitor, draft, BLANK, world, as_text=as_text)


def _list(found: Sequence[DefinitionLine], boards: Mapping[str, Board], visitor: Visitor) -> None:
    t = visitor.t
    rows = [_row(one, boards.get(one.name), visitor) for one in found]
    names = {one.name for one in found}
    rows += [_made_by_file(board, visitor) for key, board in boards.items() if key not in names]
    if not rows:
        empty_state(
            "linear_scale",
            t("There is no pipeline yet"),
            t("A pipeline says through which stages a deal goes. Deals stand on them."),
        )
        return
    columns = [
        Column(t("Pipeline"), wraps=True),
        Column(t("State")),
        Column(t("Stages"), "right"),
        Column(t("Open deals"), "right"),
        Column(t("Open, weighted"), "right"),
        Column(t("Version"), "right"),
        Column(t("Published")),
    ]
    DataTable(t("Pipelines"), columns, rows)


def _row(one: DefinitionLine, board: Board | None, visitor: Visitor) -> Row:
    t = visitor.t
    label = one.label_zh if t.short == "zh" and one.label_zh else one.label
    state, tone = toned(STATES, one.state, t)
    published: datetime = one.published_at
    here = f"{PIPELINES}/{one.name}"
    return Row(
        (
            Cell(label, here, sub=one.name),
            Cell(state, tone=tone),
            *_figures(board, visitor),
            Cell(str(one.number)),
            Cell(visitor.formats.moment(published), sub=one.published_by or ""),
        ),
        here,
    )


def _made_by_file(board: Board, visitor: Visitor) -> Row:
    """An import made it, and nobody has published it: every move is allowed."""
    t, one = visitor.t, board.pipeline
    label = one.label_zh if t.short == "zh" and one.label_zh else one.label
    address = Chosen(pipeline=one.key).at(BOARD)
    return Row(
        (
            Cell(label, address, sub=one.key),
            Cell(t("Made by a file"), tone="plain"),
            *_figures(board, visitor),
            Cell(""),
            Cell(""),
        ),
        address,
    )


def _figures(board: Board | None, visitor: Visitor) -> tuple[Cell, Cell, Cell]:
    if board is None:
        return Cell(""), Cell(""), Cell("")
    formats = visitor.formats
    ahead = [one for one in board.columns if one.stage.kind == "open"]
    return (
        Cell(formats.number(len(board.columns))),
        Cell(formats.number(sum(one.deals for one in ahead))),
        Cell(money_short(sum(one.weighted_minor for one in ahead), board.base_currency, visitor)),
    )


def _ready(ready: Sequence[Draft], visitor: Visitor) -> None:
    t = visitor.t
    with card(t("Begin with a ready one")), block("cz-pad cz-row"):
        for draft in ready:
            label = label_in(t.short, draft.label, draft.document)
            anchor(f"{PIPELINES}/{draft.name}", label, "cz-find")
        words(
            t("They are shipped with Cadenza and are changed before they are published."), "cz-soft"
        )
