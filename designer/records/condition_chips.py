"""What a list is narrowed by, each with a way to change it and one to take it away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from designer.asking import plain_button
from designer.records.words import condition_words
from designer.visitor import Visitor
from designer.widgets import block, icon, words
from engine.services.views.grids import GridField, GridState


class ConditionChips:
    """`change` gets the place of a condition; `drop` too, None for the rule, -1 for everything."""

    def __init__(
        self,
        visitor: Visitor,
        fields: Mapping[str, GridField],
        people: Mapping[int, str],
        change: Callable[[int], Awaitable[None]],
        change_rule: Callable[[], Awaitable[None]],
        drop: Callable[[int | None], Awaitable[None]],
    ) -> None:
        self._visitor, self._fields, self._people = visitor, fields, people
        self._change, self._change_rule, self._drop = change, change_rule, drop
        self._place = block("cz-row cz-conditions")

    def show(self, state: GridState, rule_words: str = "") -> None:
        t = self._visitor.t
        self._place.clear()
        with self._place:
            for place, one in enumerate(state.conditions):
                said = condition_words(one, self._fields[one.field], self._people, self._visitor)
                self._chip(said, self._changing(place), self._dropping(place))
            if state.rule is not None:
                said = t("Rule: {words}", words=rule_words) if rule_words else t("A rule")
                self._chip(said, self._change_rule, self._dropping(None))
            if len(state.conditions) + (state.rule is not None) > 1:
                plain_button(t("Take all away"), self._dropping(-1)).classes("is-quiet").mark(
                    "narrow-by-nothing"
                )

    def _chip(
        self,
        said: str,
        change: Callable[[], Awaitable[None]],
        drop: Callable[[], Awaitable[None]],
    ) -> None:
        with block("cz-condition"):
            with block("cz-condition__words", tag="button").props("type=button") as button:
                button.on("click", change, args=[]).mark("condition")
                words(said, "cz-clip")
            with block("cz-condition__drop", tag="button").props("type=button") as button:
                button.props["aria-label"] = self._visitor.t("Take away: {what}", what=said)
                button.on("click", drop, args=[]).mark("drop-condition")
                icon("close", "15px")

    def _changing(self, place: int) -> Callable[[], Awaitable[None]]:
        async def change() -> None:
            await self._change(place)

        return change

    def _dropping(self, place: int | None) -> Callable[[], Awaitable[None]]:
        async def drop() -> None:
            await self._drop(place)

        return drop
