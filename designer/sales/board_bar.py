"""The line above the board: which pipeline, whose deals, in which order, and their sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from nicegui import ui

from designer.components.search_box import search_box
from designer.sales.board_filter import CLOSES, SORTINGS, Chosen
from designer.sales.board_room import BoardRoom
from designer.sales.cards import money_short
from designer.sales.words import in_language
from designer.visitor import Visitor
from designer.widgets import Words, block, words
from engine.services.deals.board import Board, Sorting


class BoardBar:
    def __init__(self, room: BoardRoom, pipelines: Sequence[Any], visitor: Visitor) -> None:
        self._room, self._visitor = room, visitor
        t, chosen = visitor.t, room.chosen
        with block("sl-bar"):
            if len(pipelines) > 1:
                names = {o.key: in_language(o.label, o.label_zh, t) for o in pipelines}
                self._select(t("Pipeline"), names, chosen.pipeline, "pipeline", empty=False)
            search_box(t("Deal or account"), chosen.text, self._typed)
            people = {str(id_): name for id_, name in room.choices.people.items()}
            whose = {"me": t("Mine"), "none": t("Nobody's"), **people}
            self._select(t("Owner"), whose, chosen.owner, "owner")
            teams = {str(id_): name for id_, name in room.choices.teams.items()}
            if teams:
                self._select(t("Team"), teams, chosen.team, "team")
            closes = {key: t(name) for key, name in CLOSES.items()}
            self._select(t("Closes"), closes, chosen.closes, "closes")
            orders = {str(key): t(name) for key, name in SORTINGS.items()}
            self._select(t("Order"), orders, chosen.sort, "sort", empty=False)
            self._switch(t("Held up only"), chosen)
            self._sum: Words = words("", "sl-sum cz-number").mark("board-sum")
            self._sum.props["role"] = "status"

    def tell(self, board: Board) -> None:
        """How many open deals are shown, and what they are worth."""
        t = self._visitor.t
        open_ = [one for one in board.columns if one.stage.kind == "open"]
        count = sum(one.deals for one in open_)
        share = sum(one.weighted_minor for one in open_)
        self._sum.set_text(
            t.n(
                "{count} open deal, {sum} weighted",
                "{count} open deals, {sum} weighted",
                count,
                sum=money_short(share, board.base_currency, self._visitor),
            )
        )

    def _select(
        self, label: str, options: dict[str, str], value: str, name: str, *, empty: bool = True
    ) -> None:
        async def changed() -> None:
            given = str(box.value or "")
            await self._room.choose(self._with(name, given))

        box = ui.select(
            options,
            value=value if value in options else None,
            label=label,
            clearable=empty,
            with_input=len(options) > 12,
            on_change=changed,
        )
        box.props("outlined dense options-dense").classes("cz-field sl-choice").mark(
            f"board-{name}"
        )
        box.props["aria-label"] = label

    def _with(self, name: str, given: str) -> Chosen:
        chosen = self._room.chosen
        if name == "sort":
            return replace(chosen, sort=cast(Sorting, given or "newest"))
        changes: dict[str, Any] = {name: given}
        return replace(chosen, **changes)

    def _switch(self, label: str, chosen: Chosen) -> None:
        async def turned() -> None:
            await self._room.choose(replace(self._room.chosen, stuck=bool(box.value)))

        box = ui.switch(label, value=chosen.stuck, on_change=turned)
        box.classes("sl-switch").mark("board-stuck")
        box.props["aria-label"] = label

    async def _typed(self, text: str) -> None:
        await self._room.choose(replace(self._room.chosen, text=text[:100]))
