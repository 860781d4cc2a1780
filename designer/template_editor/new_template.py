"""Beginning a template: blank, or from one that is there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from nicegui import ui

from designer.asking import plain_button
from designer.problem_words import problem_words, refusal_words
from designer.runtime import Designer
from designer.template_editor.starts import blank, copied
from designer.terms import PURPOSES
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, words
from engine.errors import CadenzaError, NotSignedIn, Refused
from engine.services.actor import may
from engine.services.templates.bundle import NAME
from engine.services.templates.drafts import keep_draft, see_template

_NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9]+")
_FORMS: Final = ("html", "mjml", "short")
LONGEST: Final = 80


def new_template_button(
    designer: Designer, visitor: Visitor, ready: Sequence[tuple[str, str]], *, copy_of: str = ""
) -> None:
    """`ready` are (name, label) of templates to begin from."""
    if may(visitor.somebody, "create", "template"):
        dialog = _NewTemplate(designer, visitor, ready, copy_of)
        name = visitor.t("Copy") if copy_of else visitor.t("New template")
        symbol = "content_copy" if copy_of else "add"
        button = plain_button(name, dialog.open, main=not copy_of, symbol=symbol)
        button.mark("new-template")


class _NewTemplate:
    def __init__(
        self, designer: Designer, visitor: Visitor, ready: Sequence[tuple[str, str]], copy_of: str
    ) -> None:
        self._designer = designer
        self._visitor = visitor
        t = visitor.t
        starts = {
            "html": t("A blank letter (HTML)"),
            "mjml": t("A blank letter (MJML)"),
            "short": t("Short words for SMS and chat"),
        }
        starts |= {f"copy:{name}": t("Like “{label}”", label=label) for name, label in ready}
        with ui.dialog() as self._dialog, ui.card().classes("cz-dialog te-new"):
            words(t("New template"), "cz-h2", tag="h2")
            self._label = ui.input(t("What is it called?"))
            self._label.props(f"outlined dense autofocus maxlength={LONGEST}").classes("cz-field")
            self._label.mark("new-label")
            self._name = ui.input(t("Short name, which flows use"))
            self._name.props("outlined dense maxlength=61").classes("cz-field").mark("new-name")
            usual = f"copy:{copy_of}" if copy_of else "html"
            self._start = ui.select(starts, value=usual, label=t("Begin with"), with_input=True)
            self._start.props("outlined dense").classes("cz-field").mark("new-start")
            purposes = {code: t(name) for code, name in PURPOSES.items()}
            self._purpose = ui.select(purposes, value="marketing", label=t("Purpose"))
            self._purpose.props("outlined dense").classes("cz-field")
            self._purpose.bind_visibility_from(
                self._start, "value", backward=lambda value: value in _FORMS
            )
            self._wrong = block("cz-stack cz-tight")
            self._wrong.props["role"] = "alert"
            with block("cz-row cz-dialog__buttons"):
                plain_button(t("Cancel"), self._dialog.close)
                plain_button(t("Create"), self._create, main=True).mark("create-template")
        self._label.on_value_change(lambda event: self._suggest(event.value or ""))
        self._name.on("keydown.enter", self._create, args=[])
        self._label.on("keydown.enter", self._create, args=[])
        self._suggested = ""

    def open(self) -> None:
        self._dialog.open()

    def _suggest(self, label: str) -> None:
        """As long as nobody typed another name."""
        if (self._name.value or "") == self._suggested:
            self._suggested = suggested_name(label)
            self._name.set_value(self._suggested)

    async def _create(self) -> None:
        t = self._visitor.t
        self._wrong.clear()
        label, name = (self._label.value or "").strip(), (self._name.value or "").strip()
        if not label:
            self._say(t("Say what it is called."))
            return
        if not NAME.fullmatch(name):
            self._say(t("The short name has small letters, digits and _, a letter first."))
            return
        try:
            actor = await self._designer.actor(self._visitor.token)
            library = self._designer.runtime.templates
            if library.file_bundle(name) is not None:
                self._say(t("There is a file “{name}” already. Edit that one.", name=name))
                return
            async with self._designer.transaction() as session:
                start = str(self._start.value or "html")
                if start.startswith("copy:"):
                    source = await see_template(session, actor, library, start[5:])
                    files = copied(source.files, label)
                else:
                    files = blank(start, label, str(self._purpose.value))
                await keep_draft(session, actor, name, files, now=self._designer.now())
        except NotSignedIn:
            ask_to_sign_in()
        except CadenzaError as error:
            self._say(refusal_words(error, t))
            for problem in error.problems if isinstance(error, Refused) else ():
                self._say(problem_words("letter", problem.code, problem.message, t))
        else:
            ui.navigate.to(f"/templates/{name}/edit")

    def _say(self, text: str) -> None:
        with self._wrong:
            words(text, "cz-bad", tag="div")


def suggested_name(label: str) -> str:
    """A short name made of the words; empty where they have no Latin letters."""
    plain = _NOT_IN_NAMES.sub("_", label.lower()).strip("_")
    return plain[:61].rstrip("_") if plain[:1].isalpha() else ""
