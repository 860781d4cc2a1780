"""Deals of a pipeline on a board, moved from stage to stage."""

from __future__ import annotations

from dataclasses import replace

from nicegui import ui
from starlette.requests import Request

from designer.asking import plain_button
from designer.page import page
from designer.runtime import Designer
from designer.sales.board_bar import BoardBar
from designer.sales.board_filter import chosen_of
from designer.sales.board_room import BoardRoom
from designer.sales.choices import choices_for
from designer.sales.keys import keys_button
from designer.sales.new_deal import new_deal_dialog
from designer.sales.words import BOARD, PIPELINES
from designer.shell import frame
from designer.visitor import current
from designer.widgets import block, button_link, empty_state
from engine.services.actor import may
from engine.services.deals.board import board_pipelines


def register(designer: Designer) -> None:
    @page(BOARD)
    async def board(request: Request) -> None:
        visitor = current()
        t, somebody = visitor.t, visitor.somebody
        async with designer.transaction() as session:
            pipelines = await board_pipelines(session, somebody)
        if not pipelines:
            with frame(BOARD, t("Board")):
                may_publish = may(somebody, "publish", "pipeline")
                empty_state(
                    "view_kanban",
                    t("There is no pipeline yet"),
                    t("A pipeline says through which stages a deal goes. Deals stand on them."),
                    link=(PIPELINES, t("Make a pipeline")) if may_publish else None,
                )
            return
        chosen = chosen_of(dict(request.query_params))
        if not chosen.pipeline:
            chosen = replace(chosen, pipeline=pipelines[0].key)
        choices = await choices_for(designer, somebody)
        room = BoardRoom(designer, visitor, choices, chosen)
        found = await room.open()
        with frame(BOARD, t("Board"), flush=True, styles=("sales.css",)) as actions:
            with actions:
                keys_button(visitor)
                if may(somebody, "read", "pipeline"):
                    address = f"{PIPELINES}/{found.pipeline.key}"
                    button_link(address, t("Pipeline"), "account_tree").classes("sl-wide")
                if may(somebody, "create", "deal"):

                    async def make() -> None:
                        if room.board is None:
                            return
                        made = await new_deal_dialog(designer, visitor, choices, room.board)
                        if made is not None:
                            await room.reload()

                    button = plain_button(t("New deal"), make, main=True, symbol="add")
                    button.mark("new-deal")
            with block("sl-board"):
                bar = BoardBar(room, pipelines, visitor)
                bar.tell(found)
                room.draw(bar.tell)
        ui.page_title(f"{t('Board')} · Cadenza")
