"""The form beside a pipeline: one stage, one move, or the pipeline itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from nicegui import ui

from designer.ladders import fields
from designer.ladders.desk import Desk
from designer.ladders.rungs import sign_button
from designer.ladders.sheet import Path, with_value
from designer.sales import pipeline_document as changes
from designer.sales.pipeline_actions import actions_form, alerts_form
from designer.sales.pipeline_document import STAGES, WAYS
from designer.sales.pipeline_fields import many, needs, people, rule
from designer.sales.pipeline_words import stage_name
from designer.sales.words import CATEGORIES, KINDS
from designer.widgets import block, words
from engine.definitions import DefinitionKind


class PipelineForm:
    def __init__(self, in_force: Sequence[str]) -> None:
        self._in_force = tuple(in_force)

    def __call__(self, desk: Desk) -> None:
        document = desk.sheet.document
        match desk.selected:
            case ("stages", int(index), *_) if index < len(changes.stages_in(document)):
                self._stage(desk, index)
            case ("transitions", int(index), *_) if index < len(changes.ways_in(document)):
                _way(desk, index)
            case _:
                _pipeline(desk)

    def _stage(self, desk: Desk, index: int) -> None:
        t, path = desk.visitor.t, (*STAGES, index)
        stages = changes.stages_in(desk.sheet.document)
        stage = stages[index]
        kind = str(stage.get("kind", "open"))
        _head(
            desk,
            stage_name(stage, t),
            index,
            len(stages),
            partial(_move_stage, desk),
            partial(self._remove, desk, index),
            t("Remove this stage"),
        )
        fields.text(desk, (*path, "label"), t("Name"))
        fields.text(desk, (*path, "label_zh"), t("Name in Chinese"))
        self._key(desk, index)
        kinds = {key: t(name) for key, name in KINDS.items()}
        turn = partial(_of_kind, desk, path)
        fields.choice(desk, (*path, "kind"), t("What it means"), kinds, usual="open", turn=turn)
        if kind == "open":
            fields.number(desk, (*path, "probability"), t("Probability (%)"), 0, 100)
        categories = {key: t(name) for key, name in CATEGORIES.items()}
        usual = {"won": "closed", "lost": "omitted"}.get(kind, "pipeline")
        label = t("Counts in the forecast as")
        fields.choice(desk, (*path, "forecast"), label, categories, usual=usual)
        words(t("To enter it"), "cz-strong lad-section")
        needs(desk, (*path, "needs"), t("Fields that must be filled"))
        rule(desk, (*path, "when"), t("Only when"))
        if kind == "open":
            words(t("While a deal stands on it"), "cz-strong lad-section")
            alerts_form(desk, path)
            fields.span(desk, (*path, "rot_after"), t("Rots after so long without activity"))
            if stage.get("rot_after"):
                actions_form(desk, (*path, "rotten"), t("When it rots"), usual=t("Tell the owner"))
        words(t("Done by itself"), "cz-strong lad-section")
        actions_form(desk, (*path, "on_enter"), t("When a deal enters"))
        actions_form(desk, (*path, "on_exit"), t("When a deal leaves"))

    def _key(self, desk: Desk, index: int) -> None:
        """Rules and files name the stage by it: a change is carried through the document."""
        t, path = desk.visitor.t, (*STAGES, index, "key")

        def changed() -> None:
            key = str(box.value or "").strip()
            if key and key != desk.get(path):
                desk.turn(changes.renamed(desk.sheet.document, index, key, self._in_force))

        box = ui.input(
            t("Short name (small letters, digits and _)"), value=str(desk.get(path) or "")
        )
        box.props("outlined dense maxlength=63").classes("cz-field full-width").mark("stage-key")
        box.on("blur", changed, args=[])
        box.on("keydown.enter", changed, args=[])
        if not desk.may_edit:
            box.disable()
        desk.place(path, words("", "cz-bad cz-small lad-wrong"))

    def _remove(self, desk: Desk, index: int) -> None:
        desk.selected = ()
        desk.turn(changes.without_stage(desk.sheet.document, index, self._in_force))


def _pipeline(desk: Desk) -> None:
    t = desk.visitor.t
    words(t("The pipeline"), "cz-h2", tag="h2")
    words(t("Choose a stage or a move of the drawing to change it."), "cz-soft cz-small", tag="p")
    fields.text(desk, ("label",), t("Name"))
    fields.text(desk, ("label_zh",), t("Name in Chinese"))
    calendars: dict[Any, str] = {None: t("That of the owner")}
    calendars |= {name: said for name, said in desk.calendars().items() if name}
    fields.choice(desk, ("calendar",), t("Time is counted in"), calendars)
    fields.words_list(
        desk,
        ("activity_events",),
        t("Events that are signs of life"),
        hint=t("Beside calls, meetings, notes and tasks done; with commas between"),
    )
    begins = {
        "since_import": t("with the import"),
        "since_entry": t("when the file says they entered"),
    }
    label = t("Clocks of imported deals begin")
    fields.choice(desk, ("imported_clocks",), label, begins, usual="since_import")


def _way(desk: Desk, index: int) -> None:
    t, path = desk.visitor.t, (*WAYS, index)
    document = desk.sheet.document
    ways = changes.ways_in(document)
    way = ways[index]
    names = {str(one.get("key")): stage_name(one, t) for one in changes.stages_in(document)}
    to = str(way.get("to", ""))
    _head(
        desk,
        t("Move to {stage}", stage=names.get(to, to)),
        index,
        len(ways),
        partial(_move_way, desk),
        partial(_remove_way, desk, index),
        t("Remove this move"),
    )
    words(
        t("Of several moves between the same stages the first that names the person counts."),
        "cz-soft cz-small",
        tag="p",
    )
    origins = {changes.ANY: t("Every stage"), **names}
    many(desk, (*path, "from"), t("From the stage"), origins)
    turn = partial(_with, desk, (*path, "to"))
    fields.choice(desk, (*path, "to"), t("To the stage"), names, turn=turn)
    is_automatic = isinstance(way.get("automatic"), Mapping)
    _automatic(desk, path, is_automatic=is_automatic)
    if not is_automatic:
        people(desk, (*path, "who"), t("Who (nobody said: everybody who may edit deals)"))
    needs(desk, (*path, "needs"), t("Fields that must be filled"))
    rule(desk, (*path, "when"), t("Only when"))
    if not is_automatic:
        chains = desk.world.names or {}
        known = sorted(chains.get(DefinitionKind.APPROVAL, frozenset()))
        options: dict[Any, str] = {None: t("No approval"), **{one: one for one in known}}
        fields.choice(desk, (*path, "approval"), t("Approval chain that must agree"), options)


def _automatic(desk: Desk, path: Path, *, is_automatic: bool) -> None:
    t, place = desk.visitor.t, (*path, "automatic")

    def turned() -> None:
        value = {"after": "30d"} if box.value else None
        document = with_value(desk.sheet.document, place, value)
        if value:
            document = with_value(document, (*path, "who"), None)
            document = with_value(document, (*path, "approval"), None)
        desk.turn(document)

    box = ui.checkbox(t("Made by itself, by nobody's hand"), value=is_automatic).mark("automatic")
    box.on_value_change(turned)
    if not desk.may_edit:
        box.disable()
    if not is_automatic:
        return
    fields.span(desk, (*place, "after"), t("After so much working time"))
    rule(desk, (*place, "when"), t("Once this holds"))
    fields.text(desk, (*place, "lost_reason"), t("Why it was lost, where it leads to a lost stage"))


def _head(
    desk: Desk,
    title: str,
    index: int,
    count: int,
    move: Callable[[int, int], None],
    remove: Callable[[], None],
    remove_name: str,
) -> None:
    t = desk.visitor.t
    with block("cz-row lad-panel__head"):
        words(title, "cz-h2 cz-grow cz-clip", tag="h2")
        if not desk.may_edit:
            return
        if index:
            up = partial(move, index, -1)
            sign_button(t("Move up"), "arrow_upward", up).mark("move-up")
        if index + 1 < count:
            down = partial(move, index, 1)
            sign_button(t("Move down"), "arrow_downward", down).mark("move-down")
        sign_button(remove_name, "delete", remove).mark("remove")


def _with(desk: Desk, path: Path, value: Any) -> Any:
    return with_value(desk.sheet.document, path, value)


def _of_kind(desk: Desk, path: Path, kind: Any) -> Any:
    """A closed stage has no clock, and its probability is known."""
    document = with_value(desk.sheet.document, (*path, "kind"), None if kind == "open" else kind)
    if kind != "open":
        for key in ("probability", "sla", "rot_after", "rotten", "forecast"):
            document = with_value(document, (*path, key), None)
    return document


def _move_stage(desk: Desk, index: int, by: int) -> None:
    desk.selected = (*STAGES, index + by)
    desk.turn(changes.moved_stage(desk.sheet.document, index, by))


def _move_way(desk: Desk, index: int, by: int) -> None:
    desk.selected = (*WAYS, index + by)
    desk.turn(changes.moved_way(desk.sheet.document, index, by))


def _remove_way(desk: Desk, index: int) -> None:
    desk.selected = ()
    desk.turn(changes.without_way(desk.sheet.document, index))
