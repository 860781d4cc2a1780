"""What can be done with a row besides filling it in: moving, copying, grouping, removing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from nicegui import ui

from designer.widgets import block, icon, words
from engine.rules.building.moves import (
    Direction,
    can_step,
    changed,
    duplicated,
    removed,
    stepped,
    unwrapped,
    wrapped,
)
from engine.rules.building.tree import Group, Node, Written
from engine.rules.building.writing import document_of

if TYPE_CHECKING:
    from designer.rule_builder.builder import RuleBuilder


@dataclass(frozen=True, slots=True)
class Tool:
    symbol: str
    name: str
    use: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Tools:
    """The menu of a row is built when it is opened: most never are."""

    builder: RuleBuilder
    node: Node

    def draw(self) -> None:
        t = self.builder.bench.visitor.t
        with block("rb-tools"):
            with block("rb-tool", tag="button").mark("row-menu") as more:
                more.props["type"] = "button"
                more.props["aria-label"] = more.props["title"] = t("Move, copy, group")
                more.props["aria-haspopup"] = "menu"
                icon("more_vert", "18px")
            more.on("click", partial(self._open, more), args=[])
            with block("rb-tool", tag="button").mark("remove-row") as away:
                away.props["type"] = "button"
                away.props["aria-label"] = away.props["title"] = t("Remove")
                away.on("click", self._remove, args=[])
                icon("close", "18px")

    def _remove(self) -> None:
        bench = self.builder.bench
        self.builder.put(removed(bench.root, self.node.id))

    def _open(self, button: ui.element) -> None:
        with button, ui.menu().props("auto-close no-parent-event") as menu:
            for tool in self._possible():
                with ui.menu_item(on_click=tool.use).classes("rb-menu"):
                    icon(tool.symbol, "18px")
                    words(tool.name)
        menu.on("hide", menu.delete, args=[])
        menu.open()

    def _possible(self) -> Iterator[Tool]:
        t, bench, here = self.builder.bench.visitor.t, self.builder.bench, self.node.id
        ways: tuple[tuple[Direction, str, str], ...] = (
            ("up", "arrow_upward", t("Move up")),
            ("down", "arrow_downward", t("Move down")),
            ("in", "subdirectory_arrow_right", t("Into the group beside it")),
            ("out", "arrow_back", t("Out of its group")),
        )
        for direction, symbol, name in ways:
            if can_step(bench.root, here, direction):
                yield Tool(symbol, name, partial(self._step, direction))
        yield Tool("content_copy", t("Duplicate"), self._copy)
        if bench.may_nest(here):
            yield Tool("data_array", t("Put into a group of its own"), self._wrap)
        if isinstance(self.node, Group):
            yield Tool("unfold_less", t("Dissolve the group"), self._unwrap)
        elif not isinstance(self.node, Written):
            yield Tool("data_object", t("Write it as JSON"), self._as_json)

    def _step(self, direction: Direction) -> None:
        bench = self.builder.bench
        self.builder.put(stepped(bench.root, self.node.id, direction), focus=self.node.id)

    def _copy(self) -> None:
        bench = self.builder.bench
        self.builder.put(duplicated(bench.root, self.node.id))

    def _wrap(self) -> None:
        bench = self.builder.bench
        self.builder.put(wrapped(bench.root, self.node.id), focus=self.node.id)

    def _unwrap(self) -> None:
        bench = self.builder.bench
        self.builder.put(unwrapped(bench.root, self.node.id))

    def _as_json(self) -> None:
        bench = self.builder.bench

        def change(node: Node) -> Node:
            return Written(document_of(node), node.id)

        self.builder.put(changed(bench.root, self.node.id, change), focus=self.node.id)
