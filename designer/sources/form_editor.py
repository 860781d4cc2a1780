"""A form's words and fields to fill in, with what is wrong at each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from nicegui import ui

from designer.asking import plain_button
from designer.i18n import Translator
from designer.problem_words import placed_words, problem_words
from designer.sources.terms import FORM_KINDS
from designer.sources.value_line import icon_button
from designer.widgets import Words, block, card, words
from engine.errors import Problem
from engine.services.forms import Form, FormField

_MOST_FIELDS: Final = 30


class FieldLine:
    def __init__(self, editor: FormEditor, one: FormField | None, fills: Mapping[str, str]) -> None:
        t = editor.t
        with block("cz-src__line") as self.element:
            self._name = ui.input(value=one.name if one else "")
            _dress(self._name, t("Short name"), "first_name")
            self._label = ui.input(value=one.label if one else "")
            _dress(self._label, t("Label"), t("What people read"))
            self._kind = ui.select(
                {key: t(name) for key, name in FORM_KINDS.items()},
                value=one.kind if one else "text",
            )
            _dress(self._kind, t("Kind"))
            chosen = one.fills if one else ""
            known = dict(fills) | ({chosen: chosen} if chosen and chosen not in fills else {})
            self._fills = ui.select(known, value=chosen)
            _dress(self._fills, t("Fills"))
            icon_button("close", t("Remove"), lambda: editor.drop(self))
            with block("cz-row cz-src__wide"):
                self._required = ui.checkbox(
                    t("Must be filled in"), value=bool(one and one.required)
                )
                self._choices = ui.input(value=", ".join(one.choices) if one else "")
                _dress(self._choices, t("Choices, with commas between them"), "A, B, C")
            self.problem: Words = words("", "cz-bad cz-small").props("role=alert")
        self._kind.on_value_change(self._show_choices)
        self._show_choices()

    def as_json(self) -> dict[str, Any]:
        choices = str(self._choices.value or "")[:20_000].split(",")
        return {
            "name": str(self._name.value or "").strip(),
            "label": str(self._label.value or "").strip(),
            "kind": str(self._kind.value or "text"),
            "required": bool(self._required.value),
            "fills": str(self._fills.value or ""),
            "choices": [word.strip() for word in choices if word.strip()],
        }

    def _show_choices(self) -> None:
        self._choices.set_visibility(self._kind.value == "choice")


class FormEditor:
    """`fills` are the fields of a contact by key, and "" for none; `topics` by slug."""

    def __init__(
        self, t: Translator, form: Form, fills: Mapping[str, str], topics: Mapping[str, str]
    ) -> None:
        self.t = t
        self._fills = fills
        self._lines: list[FieldLine] = []
        self._problems: dict[str, Words] = {}
        with card(t("What it says and asks")):
            with block("cz-src__part"):
                self._title = self._text("title", t("Title"), form.title)
                self._event = self._text("event", t("Event it becomes"), form.event)
            with block("cz-src__part cz-src__form"):
                words(t("Fields"), "cz-h2", tag="h3")
                words(
                    t(
                        "The e-mail address is always asked for. Who sends it has not shown yet "
                        "that it is theirs, so a field only fills what is not known of a contact."
                    ),
                    "cz-soft cz-small",
                    tag="p",
                )
                self._place = block("cz-stack cz-tight")
                for one in form.fields:
                    self._add(one)
                with block("cz-row"):
                    plain_button(t("Add a field"), lambda: self._add(None), symbol="add").mark(
                        "add-form-field"
                    )
            with block("cz-src__part"):
                words(t("Consent"), "cz-h2", tag="h3")
                self._consent = ui.select(
                    {
                        "confirm": t("Ask for messages; they confirm it from their address"),
                        "none": t("No messages are asked for"),
                    },
                    value=form.consent,
                )
                _dress(self._consent, t("Consent"))
                self._wording = self._text(
                    "wording", t("What people agree to"), form.wording, lines=True
                )
                self._topics = ui.select(
                    dict(topics) | {one: one for one in form.topics if one not in topics},
                    value=list(form.topics),
                    multiple=True,
                    label=t("Topics"),
                )
                self._topics.props("outlined dense use-chips").classes("full-width")
                self._note("topics")
            with block("cz-src__part"):
                words(t("Afterwards"), "cz-h2", tag="h3")
                self._thanks = self._text("thanks", t("Words of thanks"), form.thanks, lines=True)
                self._redirects = self._text(
                    "redirects",
                    t("Pages it may lead to, one a line; the first is the usual one"),
                    "\n".join(form.redirects),
                    lines=True,
                )
                self._rest: Words = words("", "cz-bad").props("role=alert")

    def as_json(self) -> dict[str, Any]:
        pages = str(self._redirects.value or "").splitlines()
        return {
            "title": str(self._title.value or ""),
            "event": str(self._event.value or ""),
            "fields": [line.as_json() for line in self._lines],
            "consent": str(self._consent.value or ""),
            "topics": list(self._topics.value or []),
            "wording": str(self._wording.value or ""),
            "thanks": str(self._thanks.value or ""),
            "redirects": [page.strip() for page in pages if page.strip()],
        }

    def tell(self, problems: Sequence[Problem]) -> None:
        for note in (*self._problems.values(), *(line.problem for line in self._lines), self._rest):
            note.set_text("")
        for one in problems:
            note = self._note_of(one.place)
            told = problem_words("form", one.code, one.message, self.t)
            said = told if note is not self._rest else placed_words("form", one, self.t)
            note.set_text(" ".join(filter(None, (note.text, said))))

    def drop(self, line: FieldLine) -> None:
        self._lines.remove(line)
        line.element.delete()

    def _note_of(self, place: str) -> Words:
        parts = place.split("/")[1:]
        if len(parts) > 1 and parts[0] == "fields" and parts[1].isdecimal():
            number = int(parts[1])
            return self._lines[number].problem if number < len(self._lines) else self._rest
        return self._problems.get(parts[0] if parts else "", self._rest)

    def _add(self, one: FormField | None) -> None:
        if len(self._lines) < _MOST_FIELDS:
            with self._place:
                self._lines.append(FieldLine(self, one, self._fills))

    def _text(self, name: str, label: str, value: str, *, lines: bool = False) -> Any:
        field: Any
        if lines:
            field = ui.textarea(label=label, value=value).props("rows=3").classes("cz-src__plain")
        else:
            field = ui.input(label=label, value=value).classes("cz-field")
        field.props("outlined dense").props["maxlength"] = 12_000
        field.classes("full-width").mark(f"form-{name}")
        self._note(name)
        return field

    def _note(self, name: str) -> None:
        self._problems[name] = words("", "cz-bad cz-small", tag="p").props("role=alert")


def _dress(field: Any, label: str, placeholder: str = "") -> None:
    field.props("outlined dense").classes("cz-field")
    field.props["aria-label"] = label
    if placeholder:
        field.props["placeholder"] = placeholder
