"""Choosing what a new flow begins with, and what it is called."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from nicegui import ui

from designer.asking import plain_button
from designer.i18n import Translator
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, icon, notice, words
from engine.errors import CadenzaError, NotSignedIn, Refused
from engine.services.flow_drafts import begin_flow, copy_of
from engine.services.flow_drafts.ready import ReadyFlow
from engine.services.views.flows import FlowLine

_EMPTY, _READY, _COPY = "", "ready:", "copy:"


class BeginningRoom:
    def __init__(
        self,
        designer: Designer,
        visitor: Visitor,
        ready: Sequence[ReadyFlow],
        flows: Sequence[FlowLine],
    ) -> None:
        self._designer, self._visitor, self._t = designer, visitor, visitor.t
        self._ready = {one.name: one for one in ready}
        self._flows = {one.name: one for one in flows}
        self._from = _EMPTY
        self._cards: dict[str, ui.element] = {}
        self._own_name = False

    def build(self, copied: str) -> None:
        t = self._t
        with block("fe-begin"):
            with block("cz-stack"):
                words(t("What does it begin with?"), "cz-h2", tag="h2")
                with block("fe-cards"):
                    self._choices()
            with block("cz-card is-padded cz-stack fe-begin__name"):
                self._names()
        self._choose(f"{_COPY}{copied}" if copied in self._flows else _EMPTY)

    def _choices(self) -> None:
        t = self._t
        self._card(_EMPTY, "draw", t("Empty"), t("Draw it from the first step."))
        for one in self._ready.values():
            about = one.about_zh if t.short == "zh" else one.about
            self._card(f"{_READY}{one.name}", "auto_awesome", one.label, about)
        for line in self._flows.values():
            about = t("A copy of this flow as its draft is now.")
            self._card(f"{_COPY}{line.name}", "content_copy", line.label, about)

    def _card(self, key: str, symbol: str, title: str, about: str) -> None:
        with block("fe-card", tag="button") as card:
            card.props["type"] = "button"
            icon(symbol, "22px")
            words(title, "cz-strong")
            words(about, "cz-soft cz-small")
        card.mark(f"begin-{key or 'empty'}").on("click", lambda: self._choose(key), args=[])
        self._cards[key] = card

    def _names(self) -> None:
        t = self._t
        words(t("What is it called?"), "cz-h2", tag="h2")
        self._label = ui.input(t("Name of the flow"), on_change=self._suggest)
        self._label.props("outlined dense maxlength=200").classes("cz-field").mark("flow-label")
        self._name = ui.input(t("Short name of the flow"))
        self._name.props("outlined dense maxlength=63").classes("cz-field").mark("flow-name")
        self._name.on("keydown", self._named, args=[])
        words(
            t("Stands in addresses, files and figures, and never changes."),
            "fm-help",
            tag="p",
        )
        self._told = block("cz-stack cz-tight")
        with block("cz-row"):
            begin = plain_button(t("Begin"), self._begin, main=True, symbol="arrow_forward")
            begin.mark("begin")
        self._label.on("keydown.enter", self._begin, args=[])
        self._name.on("keydown.enter", self._begin, args=[])

    def _named(self) -> None:
        self._own_name = True

    def _suggest(self) -> None:
        if not self._own_name:
            self._name.value = free_short_name(str(self._label.value or ""), self._flows)

    def _choose(self, key: str) -> None:
        self._from = key
        for one, card in self._cards.items():
            card.classes(
                add="is-on" if one == key else None, remove=None if one == key else "is-on"
            )
            card.props["aria-pressed"] = "true" if one == key else "false"
        if not self._own_name:
            self._label.value = self._suggested_label(key)

    def _suggested_label(self, key: str) -> str:
        if key.startswith(_READY):
            return self._ready[key.removeprefix(_READY)].label
        if key.startswith(_COPY):
            return self._t("{name} (copy)", name=self._flows[key.removeprefix(_COPY)].label)
        return ""

    async def _begin(self) -> None:
        name, label = str(self._name.value or "").strip(), str(self._label.value or "").strip()
        self._told.clear()
        try:
            actor = await self._designer.actor(self._visitor.token)
            async with self._designer.transaction() as session:
                if self._from.startswith(_COPY):
                    other = self._from.removeprefix(_COPY)
                    await copy_of(session, actor, other, name, label)
                else:
                    ready = self._ready.get(self._from.removeprefix(_READY))
                    source = ready.source if ready else None
                    await begin_flow(session, actor, name, label, source=source)
        except NotSignedIn:
            ask_to_sign_in()
            return
        except CadenzaError as error:
            self._refused(error, self._t)
            return
        self._designer.pulses.clear()
        ui.navigate.to(f"/flows/{name}/edit")

    def _refused(self, error: CadenzaError, t: Translator) -> None:
        said = {
            "label": t("Give the flow a name."),
            "name": t("A short name has small letters, digits and “_”, a letter first."),
        }
        texts = [error.message]
        if isinstance(error, Refused) and error.problems:
            texts = [said.get(one.place, one.message) for one in error.problems]
        with self._told:
            for text in texts:
                notice(text, "bad", "error_outline")


def free_short_name(label: str, taken: Sequence[str] | dict[str, FlowLine]) -> str:
    """ "Spring sale!" is "spring_sale"; "flow" where no letter is left, such as of 春季促销."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "_", plain).strip("_").lstrip("0123456789_")[:50] or "flow"
    if not label.strip():
        return ""
    name, number = stem, 2
    while name in taken:
        name = f"{stem}_{number}"
        number += 1
    return name
