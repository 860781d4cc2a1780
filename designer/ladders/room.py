"""A definition that is drawn: the ladder, the form beside it, the same as text, and trying it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from nicegui import ui

from designer.components.draft_keeper import DraftKeeper
from designer.definition_editor import PublishBar, text_field
from designer.definition_words import address_of
from designer.ladders.assignment_drawing import draw_assignment
from designer.ladders.assignment_form import assignment_form
from designer.ladders.chain_drawing import draw_chain
from designer.ladders.chain_form import chain_form
from designer.ladders.desk import Desk
from designer.ladders.policy_drawing import draw_policy
from designer.ladders.policy_form import policy_form
from designer.ladders.rungs import sign_button, small_button
from designer.ladders.sheet import Path, Sheet
from designer.ladders.try_chain import try_chain
from designer.ladders.try_policy import try_policy
from designer.ladders.written import written
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import block, card, notice, words
from engine.definitions import DefinitionKind, DefinitionRefused, Draft, World, read_definition
from engine.definitions.draft import LABEL
from engine.flows.problems import pointer_to
from engine.services.definitions.checking import pointed_problems

Part = Callable[[Desk], None]
_REST_SECONDS: Final = 0.6
DRAWN: Final[Mapping[DefinitionKind, tuple[Part, Part, Part | None]]] = {
    DefinitionKind.APPROVAL: (draw_chain, chain_form, try_chain),
    DefinitionKind.ESCALATION: (draw_policy, policy_form, try_policy),
    DefinitionKind.ASSIGNMENT: (draw_assignment, assignment_form, None),
}


@dataclass(frozen=True, slots=True)
class Begun:
    """What the drawing begins with; `number` is the version in force, None where none is. A `new`
    one has no name yet."""

    kind: DefinitionKind
    name: str
    draft: Draft | None
    source: str
    number: int | None
    new: bool = False


class LadderRoom:
    """`as_text` opens the text first. `parts` draw a kind that is not in DRAWN; `address` is where
    publishing leads."""

    def __init__(
        self,
        designer: Designer,
        visitor: Visitor,
        begun: Begun,
        world: World,
        *,
        may_publish: bool,
        as_text: bool = False,
        parts: tuple[Part, Part, Part | None] | None = None,
        address: Callable[[str, str], str] = address_of,
    ) -> None:
        self._address = address
        self._visitor, self._begun = visitor, begun
        self._source: str | None = begun.source
        self._changed_at = 0.0
        sheet = Sheet(_document(begun.draft))
        self._desk = Desk(
            designer, visitor, begun.kind, begun.name, world, sheet, may_edit=may_publish
        )
        self._desk.on_change, self._desk.on_structure = self._changed, self._turned
        self._draw, self._form, self._try = parts or DRAWN[begun.kind]
        self._text: ui.codemirror | None = None
        self._kept_as = f"{begun.kind.value}/{'new' if begun.new else begun.name}"
        self._build(designer, may_publish=may_publish)
        self._rest = ui.timer(_REST_SECONDS, self._rested, active=False)
        self._redraw()
        if as_text:
            self._to_text()

    def _build(self, designer: Designer, *, may_publish: bool) -> None:
        self._kept = block("cz-stack cz-tight")
        if may_publish:
            self._keeper = DraftKeeper(self._kept_as, self._found)
        self._toolbar(may_publish=may_publish)
        self._name_row = block("cz-row")
        with self._name_row:
            if self._begun.new:
                self._name_field()
        self._drawn = block("lad-room")
        with self._drawn:
            with block("cz-stack"):
                with card() as place:
                    place.classes("lad-sheet").mark("drawing")
                    self._ladder = block("lad-drawing")
                self._list = block("cz-stack cz-tight lad-list").mark("mistakes")
                self._list.props["aria-live"] = "polite"
                self._trial = block("cz-stack lad-trial")
            with card() as panel:
                panel.classes("lad-panel").mark("panel")
                self._panel = block("cz-stack cz-pad lad-form")
        self._written = block("cz-card")
        self._written.visible = False
        self._bar = PublishBar(
            designer,
            self._visitor,
            self._now_written,
            f"{self._begun.name}.yaml",
            may_publish=may_publish,
            base=self._begun.number,
            done=self._drop,
            address=self._address,
        )
        if self._try is not None:
            with self._trial:
                self._try(self._desk)

    def _toolbar(self, *, may_publish: bool) -> None:
        t = self._visitor.t
        with block("cz-row lad-toolbar"):
            with block("cz-tabs"):
                self._tab_drawn = _tab(t("Ladder"), self._to_drawing, "view-drawn")
                self._tab_text = _tab(t("Text (YAML)"), self._to_text, "view-text")
            if may_publish:
                self._undo = sign_button(t("Undo"), "undo", self._undone).mark("undo")
                self._redo = sign_button(t("Redo"), "redo", self._redone).mark("redo")
                whole = small_button(t("Settings"), "tune", lambda: self._desk.select(()))
                whole.mark("whole")
        self._mark_tabs(drawn=True)

    def _mark_tabs(self, *, drawn: bool) -> None:
        for tab, active in ((self._tab_drawn, drawn), (self._tab_text, not drawn)):
            tab.classes(add="is-active" if active else None, remove=None if active else "is-active")
            tab.props["aria-pressed"] = "true" if active else "false"
            tab.update()

    def _name_field(self) -> None:
        t = self._visitor.t

        def named(event: Any) -> None:
            self._desk.name = str(event.value or "").strip()
            self._source = None
            self._keep()

        label = t("Short name (small letters, digits and _)")
        field = ui.input(label, value=self._desk.name, on_change=named)
        field.props("outlined dense maxlength=63 debounce=350").classes("cz-field cz-search")
        field.mark("short-name")

    def _changed(self) -> None:
        """A value: the form has it already. The ladder follows when the hands rest, for a button
        that is drawn anew between pressing and letting go loses the click."""
        self._source = None
        self._keep()
        self._changed_at = time.monotonic()
        self._rest.activate()

    def _rested(self) -> None:
        if time.monotonic() - self._changed_at >= _REST_SECONDS:
            self._rest.deactivate()
            self._redraw(form=False)

    def _turned(self) -> None:
        if self._desk.sheet.can_undo:
            self._source = None
            self._keep()
        self._redraw()

    def _undone(self) -> None:
        if self._desk.sheet.undo():
            self._turned()

    def _redone(self) -> None:
        if self._desk.sheet.redo():
            self._turned()

    def _redraw(self, *, form: bool = True) -> None:
        desk = self._desk
        document = {key: one for key, one in desk.sheet.document.items() if key != LABEL}
        desk.model, desk.problems = pointed_problems(desk.kind, desk.name, document, desk.world)
        self._ladder.clear()
        with self._ladder:
            self._draw(desk)
        if form:
            desk.forget_places()
            self._panel.clear()
            with self._panel:
                self._form(desk)
        desk.show_problems()
        self._show_problems()
        if desk.may_edit:
            for button, usable in (
                (self._undo, desk.sheet.can_undo),
                (self._redo, desk.sheet.can_redo),
            ):
                button.props["disabled"] = not usable
                button.update()

    def _show_problems(self) -> None:
        t, desk = self._visitor.t, self._desk
        self._list.clear()
        with self._list:
            for one in desk.problems:
                path = _path_of(one.place, desk.sheet.document)
                with block("lad-mistake", tag="button") as line:
                    line.props["type"] = "button"
                    line.on("click", lambda path=path: desk.select(path), args=[])
                    words(_place_words(path, desk), "cz-chip is-bad")
                    words(desk.said(one), "cz-grow")
            if not desk.problems and desk.may_edit and desk.sheet.can_undo:
                words(t("No mistakes so far."), "cz-good cz-small")

    def _to_text(self) -> None:
        if self._text is None:
            with self._written:
                self._text = text_field(
                    self._drawn_text(), self._visitor, may_edit=self._desk.may_edit
                )
                self._text.on_value_change(self._typed)
        else:
            self._text.value = self._drawn_text()
        self._drawn.visible, self._written.visible = False, True
        self._mark_tabs(drawn=False)

    def _typed(self, event: Any) -> None:
        if self._written.visible and self._desk.may_edit:
            self._keeper.keep(str(event.value or ""))

    def _to_drawing(self) -> None:
        if not self._written.visible:
            return
        text = str(self._text.value or "") if self._text else ""
        if self._taken(text):
            self._drawn.visible, self._written.visible = True, False
            self._mark_tabs(drawn=True)

    def _taken(self, text: str) -> bool:
        """Draw what a text says; its mistakes are told instead where it cannot be read."""
        try:
            draft = read_definition(text, f"{self._desk.name}.yaml")
        except DefinitionRefused as refused:
            self._bar.tell(refused.problems)
            return False
        if draft.kind is not self._desk.kind:
            self._bar.tell([])
            return False
        self._desk.name = draft.name
        self._desk.sheet.put(_document(draft))
        self._source = text
        self._bar.tell([])
        self._redraw()
        return True

    def _drawn_text(self) -> str:
        """The very text, comments and all, as long as nothing was drawn since."""
        if self._source is not None:
            return self._source
        document = dict(self._desk.sheet.document)
        label = str(document.pop(LABEL, None) or "")
        return written(self._desk.kind, self._desk.name, label, document)

    def _now_written(self) -> str:
        if self._written.visible and self._text is not None:
            return str(self._text.value or "")
        return self._drawn_text()

    def _keep(self) -> None:
        if self._desk.may_edit:
            self._keeper.keep(self._drawn_text())

    def _drop(self) -> None:
        if self._desk.may_edit:
            self._keeper.drop()

    def _found(self, text: str) -> None:
        """An earlier visit left something."""
        t = self._visitor.t
        if text == self._begun.source or self._desk.sheet.can_undo:
            return
        self._kept.clear()
        with self._kept, notice(t("You were drawing here and have not published it."), "warn"):

            def back() -> None:
                self._kept.clear()
                if self._taken(text):
                    self._source = text

            def forget() -> None:
                self._kept.clear()
                self._keeper.drop()

            small_button(t("Go on with it"), "restore", back).mark("bring-back")
            small_button(t("Throw it away"), "delete", forget).mark("throw-away")


def _tab(name: str, click: Callable[[], None], mark: str) -> ui.element:
    with block("cz-tab", tag="button") as tab:
        tab.props["type"] = "button"
        tab.on("click", click, args=[])
        tab.mark(mark)
        words(name)
    return tab


def _document(draft: Draft | None) -> dict[str, Any]:
    if draft is None:
        return {}
    return {LABEL: draft.label, **draft.document}


def _path_of(pointer: str, document: Any) -> Path:
    """The place of a problem as a path: numbers where the document has a list."""
    path: list[str | int] = []
    here: Any = document
    for part in pointer.split("/")[1:]:
        key: str | int = part.replace("~1", "/").replace("~0", "~")
        if isinstance(here, list) and part.isdecimal():
            key = int(part)
            here = here[key] if key < len(here) else None
        else:
            here = here.get(key) if isinstance(here, Mapping) else None
        path.append(key)
    return tuple(path)


def _place_words(path: Path, desk: Desk) -> str:
    t = desk.visitor.t
    match path:
        case ("levels", int(index), *_):
            return t("Level {number}", number=index + 1)
        case ("rules", int(index), *_):
            return t("Rule {number}", number=index + 1)
        case ("stages", int(index), *_):
            return t("Stage {number}", number=index + 1)
        case ("transitions", int(index), *_):
            return t("Move {number}", number=index + 1)
        case ("bands", int(index), *_):
            return t("Band {number}", number=index + 1)
        case ("rotations", str(name), *_):
            return t("Duty {name}", name=name)
    return t("Settings") if not path else pointer_to(path)
