"""A sample beside the mapping: what it would become, said before anything is saved."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from nicegui import ui

from designer.asking import plain_button
from designer.sources.terms import NAMES
from designer.visitor import Visitor
from designer.widgets import anchor, block, card, chip, words
from engine.services.dead_letters import KnownLetter
from engine.services.hooks import Tried, TriedDocument

_LONGEST: Final = 262_144
_LONGEST_SHOWN: Final = 120
EXAMPLE: Final = """{
  "type": "Subscription Renewed",
  "created": 1772442000,
  "data": {
    "customer": {"id": 77, "email": "Ada@example.com", "country": "SG"},
    "amount": 2990,
    "currency": "SGD"
  }
}"""


class Sample:
    """`run` tries the mapping on what was pasted."""

    def __init__(
        self,
        visitor: Visitor,
        run: Callable[[str], Awaitable[None]],
        refused: KnownLetter | None,
    ) -> None:
        self._visitor = visitor
        t = visitor.t
        with card(t("Try it on a sample")):
            with block("cz-src__part"):
                words(
                    t("Paste a document as the other system sends it. Nothing is written."),
                    "cz-soft cz-small",
                    tag="p",
                )
                self._text = ui.textarea(value=refused.body if refused else EXAMPLE)
                self._text.props("outlined rows=14 spellcheck=false").classes("cz-src__area")
                self._text.props["aria-label"] = t("Sample")
                self._text.props["maxlength"] = _LONGEST
                self._text.mark("sample")
                if refused is not None:
                    words(t("This is what was refused last."), "cz-soft cz-small", tag="p")
                with block("cz-row"):
                    plain_button(t("Try it"), lambda: run(self.text), symbol="play_arrow").mark(
                        "try"
                    )
            self._result = block().props("aria-live=polite")

    @property
    def text(self) -> str:
        return str(self._text.value or "")

    def refuse(self, messages: list[str]) -> None:
        self._result.clear()
        with self._result, block("cz-src__result"):
            for message in messages:
                words(message, "cz-bad", tag="p")

    def show(self, tried: Tried) -> None:
        t = self._visitor.t
        self._result.clear()
        with self._result:
            if tried.count != 1:
                with block("cz-src__result"):
                    said = t.n("{count} document", "{count} documents", tried.count)
                    words(said, "cz-strong", tag="p")
                    if tried.count > len(tried.documents):
                        words(t("The first of them:"), "cz-soft cz-small", tag="p")
            for one in tried.documents:
                self._document(one)

    def _document(self, one: TriedDocument) -> None:
        t = self._visitor.t
        with block("cz-src__result").mark("result"):
            with block("cz-row"):
                if one.event is None:
                    chip(t("Would be refused"), "bad")
                else:
                    chip(t("Would be taken"), "good")
                    words(one.event, "cz-strong")
            if one.event is not None:
                self._facts(one)
            if one.problems:
                title = t("Left out") if one.event is not None else t("Why")
                words(title, "cz-soft cz-small", tag="p")
                with block("cz-src__problems", tag="ul"):
                    for problem in one.problems:
                        with block(tag="li"):
                            words(str(problem), "cz-warn" if one.event else "cz-bad")

    def _facts(self, one: TriedDocument) -> None:
        t, formats = self._visitor.t, self._visitor.formats
        with block("cz-facts", tag="dl"):
            if one.occurred_at is not None:
                words(t("When"), tag="dt")
                words(formats.moment(one.occurred_at), tag="dd")
            words(t("Contact"), tag="dt")
            with block(tag="dd"):
                if one.contact_id is not None:
                    anchor(f"/contacts/{one.contact_id}", t("Somebody known"))
                else:
                    words(t("A new contact"))
            for key, value in one.contact.items():
                words(t(NAMES[key]), tag="dt")
                words(value, tag="dd")
            for key, value in one.fields.items():
                words(key, tag="dt")
                words(_shown(value), tag="dd")
            if one.properties:
                words(t("Properties"), tag="dt")
                with block(tag="dd"):
                    for key, value in list(one.properties.items())[:40]:
                        words(f"{key}: {_shown(value)}", tag="div")


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
