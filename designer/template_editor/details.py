"""What a template says about itself, as a form; what the form has no field for is text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from designer.asking import plain_button
from designer.i18n import N_
from designer.template_editor.choices import Choices
from designer.template_editor.default_rows import PairRows
from designer.template_editor.draft import TemplateDraft
from designer.template_editor.meta_text import changed, document_of, has_remarks, labels_of
from designer.terms import PURPOSES
from designer.visitor import Visitor
from designer.widgets import block, notice, words
from engine.services.templates.bundle import META

LONGEST: Final = 300
_SIMPLE: Final = (("en", N_("Name in English")), ("zh", N_("Name in Chinese")))
_HELP: Final = (("en", N_("What it is for, in English")), ("zh", N_("What it is for, in Chinese")))


class DetailsForm:
    """`typed` is told after each change; `pick_file` asks for the name of a stored file."""

    def __init__(
        self,
        draft: TemplateDraft,
        visitor: Visitor,
        choices: Choices,
        typed: Callable[[], None],
        turned: Callable[[], None],
        pick_file: Callable[[], Any],
    ) -> None:
        self._draft = draft
        self._visitor = visitor
        self._choices = choices
        self._typed = typed
        self._turned = turned
        self._pick_file = pick_file
        self._text = False
        self._shown: str | None = None

    @property
    def is_form(self) -> bool:
        """False while its text is what is edited: by choice, or because it cannot be read."""
        return not self._text and document_of(self._draft.files.get(META, "")) is not None

    def as_text(self) -> None:
        self._text = True

    def build(self) -> None:
        self._place = block("te-form")

    def show(self) -> None:
        """Draw it anew when the text is another than the form last made of it."""
        source = self._draft.files.get(META, "")
        mark = f"{self.is_form}{source}"
        if mark == self._shown:
            return
        self._shown = mark
        self._place.clear()
        with self._place:
            self._head(source)
            document = document_of(source)
            if self.is_form and document is not None:
                self._form(document)

    def _head(self, source: str) -> None:
        t = self._visitor.t
        if document_of(source) is None:
            notice(t("This is no YAML that can be read. Mend the text below."), "bad")
            return
        with block("cz-row"):
            if self.is_form and has_remarks(source):
                said = t("The text has remarks (#); a change in this form leaves them out.")
                words(said, "cz-soft cz-small cz-grow")
            else:
                words("", "cz-grow")
            name = t("Edit as text") if self.is_form else t("Edit as a form")
            plain_button(name, self._turn).classes("is-quiet").mark("details-as-text")

    def _turn(self) -> None:
        self._text = not self._text
        self._turned()

    def _form(self, document: Mapping[str, Any]) -> None:
        t = self._visitor.t
        with block("te-fields"):
            for key, names in (("label", _SIMPLE), ("help", _HELP)):
                values = dict(zip(("en", "zh"), labels_of(document, key), strict=True))
                for language, name in names:
                    self._text_field(t(name), values[language], partial(self._label, key, language))
            purposes = {code: t(name) for code, name in PURPOSES.items()}
            self._choice("purpose", t("Purpose"), purposes, document, "marketing")
            language = str(document.get("language") or "en")
            self._text_field(
                t("Language of the texts that name none"), language, partial(self._set, "language")
            )
            self._choice("frame", t("Frame around the letter"), self._choices.frames, document)
            self._choice("topic", t("Topic"), self._choices.topics, document, typed=True)
            self._choice(
                "sender", t("Sender identity"), self._choices.senders, document, typed=True
            )
        said = t("Marketing goes to nobody without consent, and offers a way to unsubscribe.")
        words(said, "cz-soft cz-small", tag="p")
        self._pairs(document)
        self._attachments(document)

    def _pairs(self, document: Mapping[str, Any]) -> None:
        t = self._visitor.t
        PairRows(
            t,
            title=t("Printed where a value is missing"),
            names=(t("Variable"), t("Words (a text, or {en: there, zh: 您})")),
            add=t("Add a default"),
            value=document.get("defaults"),
            changed=partial(self._set, "defaults"),
            mark="defaults",
        )
        PairRows(
            t,
            title=t("Who has no letter in their language gets another"),
            names=(t("Language of the person"), t("Language of the letter")),
            add=t("Add a fallback"),
            value=document.get("fallbacks"),
            changed=partial(self._set, "fallbacks"),
            mark="fallbacks",
        )

    def _attachments(self, document: Mapping[str, Any]) -> None:
        t = self._visitor.t
        given = document.get("attachments")
        names = [str(one) for one in given] if isinstance(given, list) else []
        with block("te-pairs"):
            words(t("Files beside the letter"), "cz-h2", tag="h3")
            if not names:
                words(t("None. Pictures inside the letter are put in with “Picture”."), "cz-soft")
            for name in names:
                with block("cz-row te-attached"):
                    words(name, "cz-grow cz-strong")
                    rest = [one for one in names if one != name]
                    drop = plain_button(
                        "", partial(self._set_and_show, "attachments", rest), symbol="close"
                    )
                    drop.props["aria-label"] = t("Take out {name}", name=name)
                    drop.classes("is-quiet te-icon")

            async def attach() -> None:
                name = await self._pick_file()
                if name is not None and name not in names:
                    self._set_and_show("attachments", [*names, name])

            plain_button(t("Attach a file"), attach, symbol="attach_file").mark("attach")

    def _text_field(self, name: str, value: str, told: Callable[[str], None]) -> None:
        def typed(event: ValueChangeEventArguments[str | None]) -> None:
            told((event.value or "").strip())

        field = ui.input(name, value=value, on_change=typed)
        field.props(f"outlined dense debounce=200 maxlength={LONGEST}").classes("cz-field")

    def _choice(
        self,
        key: str,
        name: str,
        known: Mapping[str, str],
        document: Mapping[str, Any],
        usual: str = "",
        *,
        typed: bool = False,
    ) -> None:
        value = str(document.get(key) or usual)
        options = {**({} if usual else {"": "—"}), **known}
        options.setdefault(value, value)

        def chosen(event: ValueChangeEventArguments[str | None]) -> None:
            self._set(key, event.value or "")

        field = ui.select(
            options,
            value=value,
            label=name,
            on_change=chosen,
            new_value_mode="add-unique" if typed else None,
            with_input=typed,
        )
        field.props("outlined dense").classes("cz-field").mark(f"details-{key}")

    def _label(self, key: str, language: str, text: str) -> None:
        document = document_of(self._draft.files.get(META, "")) or {}
        en, zh = labels_of(document, key)
        both = {"en": text if language == "en" else en, "zh": text if language == "zh" else zh}
        self._set(key, both if any(both.values()) else None)

    def _set(self, key: str, value: Any) -> None:
        source = self._draft.files.get(META, "")
        text = changed(source, key, value)
        if text is not None and text != source:
            self._draft.write(META, text)
            # the form says so already
            self._shown = f"{self.is_form}{text}"
            self._typed()

    def _set_and_show(self, key: str, value: Any) -> None:
        self._set(key, value)
        self._shown = None
        self.show()
