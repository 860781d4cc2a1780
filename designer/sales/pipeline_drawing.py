"""A pipeline as a ladder: its stages in order, and from each the moves that lead away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from nicegui import ui
from nicegui.events import SortableEventArguments

from designer.ladders.desk import Desk
from designer.ladders.rungs import small_button
from designer.sales import pipeline_document as changes
from designer.sales.pipeline_document import STAGES, WAYS
from designer.sales.pipeline_words import stage_lines, stage_name, way_words
from designer.sales.words import KINDS
from designer.widgets import block, chip, icon, words

_TONES = {"open": "accent", "won": "good", "lost": "plain"}


class PipelineDrawing:
    """`in_force` are the keys of the stages that deals may stand on now."""

    def __init__(self, in_force: Sequence[str]) -> None:
        self._in_force = tuple(in_force)

    def __call__(self, desk: Desk) -> None:
        t, document = desk.visitor.t, desk.sheet.document
        stages = changes.stages_in(document)
        if not stages:
            words(t("A pipeline begins with its first stage."), "cz-soft", tag="p")
        with ui.column().classes("sl-ladder") as column:
            column.props["aria-label"] = t("Stages of the pipeline")
            for index, stage in enumerate(stages):
                self._stage(desk, index, stage)
        if desk.may_edit:
            column.make_sortable(
                handle=".sl-grip", on_end=partial(_dropped, desk), ghost_class="is-lifted"
            )
            add = partial(_add, desk, _before_closed(stages))
            small_button(t("Add a stage"), "add", add).mark("add-stage")
        self._free_moves(desk)
        self._gone(desk)

    def _stage(self, desk: Desk, index: int, stage: Mapping[str, Any]) -> None:
        t, path = desk.visitor.t, (*STAGES, index)
        kind = str(stage.get("kind", "open"))
        chosen = desk.selected[:2] == path
        with block("lad-rung sl-rung" + (" is-chosen" if chosen else "")) as place:
            place.mark(f"stage-{index}")
            with block("sl-rung__head"):
                if desk.may_edit:
                    grip = block("sl-grip")
                    grip.props["aria-hidden"] = "true"
                    with grip:
                        icon("drag_indicator", "18px")
                with block("lad-rung__face", tag="button") as face:
                    face.props["type"] = "button"
                    face.props["aria-pressed"] = "true" if chosen else "false"
                    face.on("click", lambda: desk.select(path), args=[])
                    face.mark(f"open-stage-{index}")
                    words(str(index + 1), "lad-number")
                    with block("lad-rung__words"):
                        with block("cz-row cz-tight"):
                            words(stage_name(stage, t), "cz-strong")
                            chip(t(KINDS.get(kind, kind)), _TONES.get(kind, "plain"))  # type: ignore[arg-type]
                            self._chance(stage, kind)
                            wrong = desk.wrong_below(path)
                            if wrong:
                                chip(t.n("{count} mistake", "{count} mistakes", wrong), "bad")
                        for line in stage_lines(stage, t, desk.world.catalogue):
                            words(line, "cz-soft cz-small lad-line", tag="p")
            self._ways(desk, str(stage.get("key", "")))

    def _chance(self, stage: Mapping[str, Any], kind: str) -> None:
        usual = {"won": 100, "lost": 0}.get(kind)
        chance = stage.get("probability", usual)
        if chance is not None and kind == "open":
            words(f"{chance} %", "cz-small cz-soft cz-number")

    def _ways(self, desk: Desk, key: str) -> None:
        """The moves away from here: each opens its form."""
        t, document = desk.visitor.t, desk.sheet.document
        if not changes.ways_in(document):
            return
        names = {str(one.get("key")): stage_name(one, t) for one in changes.stages_in(document)}
        with block("sl-ways"):
            for at, way in changes.ways_from(document, key):
                self._way(desk, at, way, names)
            if desk.may_edit:
                self._new_way(desk, key, names)

    def _way(self, desk: Desk, at: int, way: Mapping[str, Any], names: Mapping[str, str]) -> None:
        t, path = desk.visitor.t, (*WAYS, at)
        chosen = desk.selected[:2] == path
        to = str(way.get("to", ""))
        said = way_words(way, t, desk.world.catalogue)
        with block("sl-goes" + (" is-chosen" if chosen else ""), tag="button") as button:
            button.props["type"] = "button"
            button.props["title"] = " · ".join(said)
            button.on("click", lambda: desk.select(path), args=[]).mark(f"open-way-{at}")
            automatic = isinstance(way.get("automatic"), Mapping)
            icon("update" if automatic else "east", "15px")
            words(names.get(to, to or "?"), "cz-strong")
            if way.get("approval"):
                icon("how_to_reg", "15px")
            if said:
                words(said[0], "cz-soft cz-clip sl-goes__who")
            if desk.wrong_below(path):
                icon("error", "15px").classes("cz-bad")

    def _new_way(self, desk: Desk, key: str, names: Mapping[str, str]) -> None:
        """Where no move leads to yet."""
        t, document = desk.visitor.t, desk.sheet.document
        there = {str(way.get("to")) for _, way in changes.ways_from(document, key)} | {key}
        free = {one: name for one, name in names.items() if one not in there}
        if not free:
            return
        with block("sl-goes is-new", tag="button") as button:
            button.props["type"] = "button"
            button.props["aria-label"] = t("Allow another move from here")
            button.mark(f"new-way-{key}")
            icon("add", "16px")
            with ui.menu().props("auto-close"):
                for to, name in free.items():
                    ui.menu_item(name, on_click=partial(_add_way, desk, key, to))

    def _free_moves(self, desk: Desk) -> None:
        t, document = desk.visitor.t, desk.sheet.document
        if changes.ways_in(document) or not changes.stages_in(document):
            return
        words(
            t("No moves are listed, so every move is allowed, and nobody has to approve any."),
            "cz-soft cz-small",
            tag="p",
        )
        if desk.may_edit:
            small_button(
                t("List the moves"),
                "alt_route",
                lambda: desk.turn(changes.every_move_listed(desk.sheet.document)),
            ).mark("list-moves")

    def _gone(self, desk: Desk) -> None:
        """Stages that are taken out: where do their deals go?"""
        t, document = desk.visitor.t, desk.sheet.document
        moved_to = desk.get(changes.MOVED) or {}
        names = {str(one.get("key")): stage_name(one, t) for one in changes.stages_in(document)}
        for key in changes.gone(document, self._in_force):
            to = moved_to.get(key)
            with block("sl-gone"):
                icon("move_down", "18px")
                if to:
                    said = t(
                        "Deals on “{old}” go to {new} when this is published.",
                        old=key,
                        new=names.get(to, to),
                    )
                else:
                    said = t("“{old}” is gone. Say where its deals go.", old=key)
                words(said, "cz-grow")
                if desk.may_edit:
                    box = ui.select(names, value=to if to in names else None)
                    box.props("outlined dense").classes("cz-field sl-half").mark(f"moved-{key}")
                    box.props["aria-label"] = t("Where deals on “{old}” go", old=key)
                    box.on_value_change(partial(_send_to, desk, key, box))


def _before_closed(stages: Sequence[Mapping[str, Any]]) -> int:
    """A new stage comes after the last open one."""
    for index in range(len(stages), 0, -1):
        if stages[index - 1].get("kind", "open") == "open":
            return index
    return 0


def _add(desk: Desk, index: int) -> None:
    desk.selected = (*STAGES, index)
    desk.turn(changes.with_stage(desk.sheet.document, index))


def _add_way(desk: Desk, origin: str, to: str) -> None:
    desk.selected = (*WAYS, len(changes.ways_in(desk.sheet.document)))
    desk.turn(changes.with_way(desk.sheet.document, origin, to))


def _send_to(desk: Desk, key: str, box: ui.select) -> None:
    desk.put((*changes.MOVED, key), box.value)


def _dropped(desk: Desk, event: SortableEventArguments) -> None:
    """What the browser says is a wish: the document is moved, and drawn anew."""
    old, new = event.old_index, event.new_index
    count = len(changes.stages_in(desk.sheet.document))
    if old is None or new is None or not (0 <= old < count and 0 <= new < count) or old == new:
        return
    desk.selected = (*STAGES, new)
    desk.turn(changes.moved_stage(desk.sheet.document, old, new - old))
