"""Adding a language to a template, and taking one out."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from nicegui import ui

from designer.asking import plain_button
from designer.template_editor.draft import TemplateDraft
from designer.template_editor.parts import language_of, with_language, without_language
from designer.visitor import Visitor
from designer.widgets import block, words

TAG: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
LONGEST: Final = 35
# What is offered first; any tag may be typed.
USUAL: Final = ("en", "zh", "zh-Hant", "de", "fr", "es", "it", "pt", "nl", "ja", "ko", "id", "th")


async def add_language(visitor: Visitor, draft: TemplateDraft, source: str) -> str | None:
    """The language that was added, with the texts of `source` in it; None when nothing was."""
    t = visitor.t
    free = [one for one in USUAL if one.lower() not in draft.languages]
    with ui.dialog() as dialog, ui.card().classes("cz-dialog"):
        words(t("Add a language"), "cz-h2", tag="h2")
        words(
            t("It begins with the texts in “{language}”, for you to translate.", language=source),
            "cz-soft",
            tag="p",
        )
        tag = ui.input(t("Language, such as zh or pt-BR"), value=free[0] if free else "")
        tag.props(f"outlined dense autofocus maxlength={LONGEST}").classes("cz-field")
        tag.mark("new-language")
        with block("cz-row"):
            for one in free[:8]:
                button = plain_button(one, partial(tag.set_value, one))
                button.classes("is-quiet te-choice")
        wrong = words("", "cz-bad", tag="p")
        wrong.props["role"] = "alert"

        def done() -> None:
            wanted = (tag.value or "").strip().replace("_", "-")
            if not TAG.fullmatch(wanted) or len(wanted) > LONGEST:
                wrong.set_text(t("Write a language as its short name, such as zh or pt-BR."))
            elif wanted.lower() in draft.languages:
                wrong.set_text(t("It has this language already."))
            else:
                dialog.submit(wanted)

        tag.on("keydown.enter", done, args=[])
        with block("cz-row cz-dialog__buttons"):
            plain_button(t("Cancel"), dialog.close)
            plain_button(t("Add it"), done, main=True).mark("confirm-language")
    wanted = await dialog
    dialog.delete()
    if not isinstance(wanted, str):
        return None
    draft.replace(with_language(draft.files, wanted, draft.own, source))
    return wanted.lower()


async def remove_language(visitor: Visitor, draft: TemplateDraft, language: str) -> bool:
    t = visitor.t
    count = sum(language_of(file, draft.own) == language for file in draft.files)
    with ui.dialog() as dialog, ui.card().classes("cz-dialog"):
        words(t("Remove “{language}”?", language=language), "cz-h2", tag="h2")
        said = t.n(
            "This takes {count} text out of the draft. People of this language get “{own}”.",
            "This takes {count} texts out of the draft. People of this language get “{own}”.",
            count,
            own=draft.own,
        )
        words(said, "cz-soft", tag="p")
        with block("cz-row cz-dialog__buttons"):
            plain_button(t("Cancel"), dialog.close)
            yes = plain_button(t("Remove it"), lambda: dialog.submit(True), main=True)
            yes.mark("confirm-remove-language")
    agreed = await dialog
    dialog.delete()
    if agreed is not True:
        return False
    draft.replace(without_language(draft.files, language, draft.own))
    return True
