"""Making a segment: what it is called, and by which rule or by hand."""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Final

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from designer.asking import plain_button
from designer.problem_words import refusal_words
from designer.rule_builder.bench import tree_of
from designer.rule_builder.problem_words import problem_words
from designer.rule_builder.workbench import Workbench, new_bench
from designer.runtime import Designer
from designer.segments.ready import ReadySegment, ready_segments
from designer.segments.wordings import address_of, label_in
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, card, words
from engine.errors import CadenzaError, NotSignedIn, Refused
from engine.rules import Catalogue
from engine.runtime import templates_folder
from engine.services import segment_door
from engine.services.segments.editing import NewSegment

LONGEST_LABEL: Final = 200
_NOT_NAME: Final = re.compile(r"[^a-z0-9]+")


def name_from(label: str) -> str:
    """A short name out of a label, as far as its letters allow; else empty."""
    found = _NOT_NAME.sub("_", label.lower()).strip("_")[:63].strip("_")
    return found if found[:1].isalpha() else ""


class NewSegmentForm:
    """Draws the form; `build` is awaited once."""

    def __init__(self, designer: Designer, visitor: Visitor, catalogue: Catalogue) -> None:
        self._designer, self._visitor, self._catalogue = designer, visitor, catalogue
        self._by_hand = False
        self._named_by_hand = False

    async def build(self, *, by_hand: bool = False) -> None:
        t = self._visitor.t
        bench = await new_bench(self._designer, self._visitor, self._catalogue, None)
        self._by_hand = by_hand
        with block("cz-stack"):
            with card(), block("cz-pad cz-stack"):
                with block("rb-names"):
                    self._label = self._line(t("Label"), self._labelled, "segment-label")
                    self._label_zh = self._line(t("Chinese label, if any"), None, "label-zh")
                    self._name = self._line(t("Short name"), self._name_typed, "segment-name")
                with block("cz-row"):
                    with block("cz-tabs") as kinds:
                        kinds.props["role"] = "group"
                        kinds.props["aria-label"] = t("Kind")
                        self._kinds = [
                            self._kind(t("By rule"), False),
                            self._kind(t("By hand"), True),
                        ]
                    self._kind_words = words("", "cz-soft cz-small cz-grow")
            with block("cz-stack") as self._rule_part:
                self._ready()
                with card(), block("cz-pad"):
                    self._bench = Workbench(bench)
            self._refusals = block("cz-stack cz-tight").props("role=alert")
            with block("cz-row"):
                plain_button(t("Save the segment"), self._save, main=True, symbol="save").mark(
                    "save-segment"
                )
        self._show_kind()

    def _line(self, label: str, changed: Any, mark: str) -> ui.input:
        field = ui.input(label, on_change=changed).classes("cz-field").mark(mark)
        field.props(f"outlined dense maxlength={LONGEST_LABEL}")
        return field

    def _labelled(self, event: ValueChangeEventArguments[str | None]) -> None:
        if not self._named_by_hand:
            self._name.set_value(name_from(event.value or ""))
            self._named_by_hand = False

    def _name_typed(self, event: ValueChangeEventArguments[str | None]) -> None:
        self._named_by_hand = (event.value or "") != name_from(self._label.value or "")

    def _kind(self, name: str, by_hand: bool) -> ui.element:
        def chosen() -> None:
            self._by_hand = by_hand
            self._show_kind()

        with block("cz-tab", tag="button").mark("by-hand" if by_hand else "by-rule") as tab:
            tab.props["type"] = "button"
            tab.on("click", chosen, args=[])
            words(name)
        return tab

    def _show_kind(self) -> None:
        t = self._visitor.t
        for tab, mine in zip(self._kinds, (False, True), strict=True):
            active = mine == self._by_hand
            tab.props["aria-pressed"] = "true" if active else "false"
            tab.classes(add="is-active") if active else tab.classes(remove="is-active")
        self._kind_words.set_text(
            t("You put people on it and take them off.")
            if self._by_hand
            else t("Whoever fulfils the rule is in it, always.")
        )
        if self._by_hand:
            self._rule_part.classes(add="cz-hidden")
        else:
            self._rule_part.classes(remove="cz-hidden")

    def _ready(self) -> None:
        t = self._visitor.t
        with block("cz-row"):
            words(t("Begin with a ready one:"), "cz-soft cz-small")
            for one in ready_segments(templates_folder()):
                label = label_in(t.short, one.label, one.label_zh)
                plain_button(label, partial(self._take, one)).mark("ready")

    def _take(self, one: ReadySegment) -> None:
        bench = self._bench.bench
        bench.put(tree_of(one.rule)[0])
        if not self._label.value:
            self._label.set_value(one.label)
            self._label_zh.set_value(one.label_zh or "")
            self._name.set_value(one.name)

    async def _save(self) -> None:
        t, bench = self._visitor.t, self._bench.bench
        self._refusals.clear()
        if not self._by_hand and (bench.lacking or bench.document is None):
            self._refuse(t("Give the rule of its members first; nothing in it may be left open."))
            return
        called = (
            (self._name.value or "").strip(),
            (self._label.value or "").strip(),
            (self._label_zh.value or "").strip() or None,
        )
        if self._by_hand:
            new = NewSegment.by_hand(*called)
        else:
            new = NewSegment(*called, rule=bench.document)
        try:
            actor = await self._designer.actor(self._visitor.token)
            async with self._designer.transaction() as session:
                await segment_door.create(session, actor, new, self._designer.now())
        except NotSignedIn:
            ask_to_sign_in()
        except Refused as refused:
            for problem in refused.problems or ():
                said = problem_words(problem.code, problem.message, t)
                self._refuse(f"{_place_word(problem.place, t)}{said}")
            if not refused.problems:
                self._refuse(refusal_words(refused, t))
        except CadenzaError as error:
            self._refuse(refusal_words(error, t))
        else:
            self._designer.runtime.pokes.segments()
            self._designer.pulses.clear()
            ui.navigate.to(address_of(new.name))

    def _refuse(self, text: str) -> None:
        with self._refusals:
            words(text, "cz-bad")


def _place_word(place: str, t: Any) -> str:
    match place.split("/"):
        case ["", "name", *_]:
            return f"{t('Short name')}: "
        case ["", "label", *_]:
            return f"{t('Label')}: "
        case ["", "label_zh", *_]:
            return f"{t('Chinese label, if any')}: "
        case _:
            return ""
