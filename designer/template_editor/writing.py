"""The left half: the language, the part, and the fields in which it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from designer.asking import plain_button
from designer.i18n import N_
from designer.template_editor.code_fields import CodeFields
from designer.template_editor.details import DetailsForm
from designer.template_editor.draft import TemplateDraft
from designer.template_editor.language_dialogs import add_language, remove_language
from designer.template_editor.parts import Part, file_of, form_in, name_for, with_part
from designer.template_editor.switch import Switch, set_class
from designer.visitor import Visitor
from designer.widgets import block, words
from engine.services.templates.bundle import META, SAMPLE, part_of

# What can be chosen to be written: a letter is a subject, a preheader and a body.
TASKS: Final = (
    ("letter", N_("Letter")),
    ("text", N_("Plain text")),
    ("short", N_("Short text")),
    ("details", N_("Details")),
    ("sample", N_("Sample")),
)
_HINTS: Final = {
    "text": N_(
        "Without a plain text of its own it is made from the letter, with links written out."
    ),
    "short": N_("The words for SMS and chat."),
    "sample": N_("Facts of a made-up contact for the preview, over those all templates share."),
}
_SAMPLE_START: Final = "contact:\n  first_name: Ada\n"


@dataclass(slots=True)
class Notified:
    """What the page is told."""

    typed: Callable[[], None]
    turned: Callable[[], None]
    replaced: Callable[[str], None]


class WritingPane:
    def __init__(
        self,
        draft: TemplateDraft,
        visitor: Visitor,
        fields: CodeFields,
        told: Notified,
        details: DetailsForm,
    ) -> None:
        self._draft = draft
        self._visitor = visitor
        self._fields = fields
        self._told = told
        self._details = details
        self.language = draft.own
        self.task = "letter"

    def build(self) -> None:
        t = self._visitor.t
        with block("te-bar"):
            self._languages = Switch(
                t("Language"),
                self._language_choices(),
                self.language,
                self._turn_language,
                "language",
            )
            add = plain_button("", self._add_language, symbol="add")
            add.props["aria-label"] = t("Add a language")
            add.props["title"] = t("Add a language")
            add.classes("is-quiet te-icon").mark("add-language")
            self._remove = plain_button("", self._remove_language, symbol="delete_outline")
            self._remove.props["aria-label"] = t("Remove this language")
            self._remove.props["title"] = t("Remove this language")
            self._remove.classes("is-quiet te-icon").mark("remove-language")
            choices = [(task, t(name)) for task, name in TASKS]
            self._tasks = Switch(t("Part"), choices, self.task, self._turn_task, "part")
        with block("te-lines") as self._lines:
            with block("te-line-field"):
                words(t("Subject"), "te-label").props("aria-hidden=true")
                self._subject = block("cz-grow")
            with block("te-line-field"):
                beside = words(t("Preheader"), "te-label").props("aria-hidden=true")
                beside.props["title"] = t("What mail programs show beside the subject.")
                self._preheader = block("cz-grow")
        self._hint = words("", "te-hint cz-soft cz-small", tag="p")
        with block("te-empty cz-hidden") as self._empty:
            self._empty_text = words("", "cz-soft", tag="p")
            self._begin = plain_button("", self._write_part, symbol="edit").mark("write-part")
        self._page = block("te-page")
        with block("te-details cz-hidden") as self._form:
            self._details.build()
        self.show()

    def show(self) -> None:
        """The fields of the chosen language and part."""
        if self.language not in self._draft.languages:
            self.language = self._draft.own
        self._languages.offer(self._language_choices(), self.language)
        set_class(self._remove, "cz-hidden", on=self.language == self._draft.own)
        is_letter = self.task == "letter"
        set_class(self._lines, "cz-hidden", on=not is_letter)
        set_class(self._form, "cz-hidden", on=self.task != "details")
        self._say_hint()
        if is_letter:
            self._line(self._subject, "subject")
            self._line(self._preheader, "preheader")
        file = self.file
        if self.task == "details":
            self._details.show()
        missing = file is None and self.task != "details"
        set_class(self._empty, "cz-hidden", on=not missing)
        set_class(self._page, "cz-hidden", on=file is None)
        if file is not None:
            self._fields.show(self._page, file, self._label(file), "page")
        elif missing:
            self._say_empty()

    @property
    def file(self) -> str | None:
        """Of the large field, where there is a text for it."""
        files, own = self._draft.files, self._draft.own
        if self.task == "sample":
            return SAMPLE if SAMPLE in files else None
        if self.task == "details":
            return None if self._details.is_form else META
        return file_of(files, self._part(), self.language, own)

    def open(self, file: str, line: int | None) -> None:
        """Show the field of this file, with the line in it."""
        part = part_of(file)
        if part is None:
            self.task = "sample" if file == SAMPLE else "details"
            if file == META and line is not None:
                self._details.as_text()
        else:
            self.language = part.language or self._draft.own
            self.task = part.part if part.part in ("text", "short") else "letter"
        self._tasks.show(self.task)
        self.show()
        self._fields.go_to(file, line)
        self._told.turned()

    def open_language(self, language: str) -> None:
        if language in self._draft.languages:
            self.language = language
            self.show()
            self._told.turned()

    def _part(self) -> Part:
        return {"text": "text", "short": "short"}.get(self.task, "letter")  # type: ignore[return-value]

    def _language_choices(self) -> list[tuple[str, str]]:
        return [(one, one) for one in self._draft.languages]

    def _line(self, place: object, part: Part) -> None:
        files, own = self._draft.files, self._draft.own
        file = file_of(files, part, self.language, own)
        if file is None:
            file = name_for(part, self.language, own)
        name = self._visitor.t(N_("Subject") if part == "subject" else N_("Preheader"))
        self._fields.show(place, file, name, "line")  # type: ignore[arg-type]

    def _say_hint(self) -> None:
        t = self._visitor.t
        hint = _HINTS.get(self.task)
        self._hint.set_text(t(hint) if hint else "")
        set_class(self._hint, "cz-hidden", on=hint is None)

    def _say_empty(self) -> None:
        t = self._visitor.t
        said = {
            "text": t("It has no plain text of its own in this language."),
            "short": t("It has no short text in this language."),
            "sample": t("It has no sample of its own."),
        }
        self._empty_text.set_text(said.get(self.task, t("It has no letter in this language.")))
        self._begin.clear()
        with self._begin:
            words(t("Write one"))

    def _label(self, file: str) -> str:
        t = self._visitor.t
        names = dict(TASKS)
        return f"{t(names[self.task])} ({self.language})" if part_of(file) else file

    def _turn_language(self, language: str) -> None:
        self.language = language
        self.show()
        self._told.turned()

    def _turn_task(self, task: str) -> None:
        self.task = task
        self.show()
        self._told.turned()

    def _write_part(self) -> None:
        draft = self._draft
        if self.task == "sample":
            draft.replace({**draft.files, SAMPLE: _SAMPLE_START})
        else:
            files, _ = with_part(draft.files, self._part(), self.language, draft.own)
            draft.replace(files)
        self.show()
        self._told.typed()

    async def _add_language(self) -> None:
        added = await add_language(self._visitor, self._draft, self.language)
        if added is not None:
            self.language = added
            self._told.replaced(self._visitor.t("Copied from another language, to be translated."))

    async def _remove_language(self) -> None:
        gone = self.language
        if await remove_language(self._visitor, self._draft, gone):
            self.language = self._draft.own
            said = self._visitor.t("The texts in “{language}” were taken out.", language=gone)
            self._told.replaced(said)

    @property
    def form(self) -> str:
        return form_in(self._draft.files, self.language, self._draft.own)
