"""What stands between a draft and its being kept, with the ways on."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nicegui import ui

from designer.asking import plain_button
from designer.problem_words import all_words
from designer.template_editor.comparison import draw_changes
from designer.template_editor.draft import TemplateDraft
from designer.template_editor.parts import in_order
from designer.template_editor.side_by_side import changes_between
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, icon, words
from engine.errors import CadenzaError, NotSignedIn


class StandingNotice:
    """`replaced` is told when other texts were taken, with words about it."""

    def __init__(
        self, draft: TemplateDraft, visitor: Visitor, replaced: Callable[[str], None]
    ) -> None:
        self._draft = draft
        self._visitor = visitor
        self._replaced = replaced
        self._place = block("te-standing").mark("standing")
        self._place.props["role"] = "alert"
        self._shown = ""

    def show(self) -> None:
        t, draft = self._visitor.t, self._draft
        now = f"{draft.state}{draft.why}" if draft.state in ("conflict", "refused") else ""
        if now == self._shown:
            return
        self._shown = now
        self._place.clear()
        with self._place:
            if draft.state == "conflict":
                self._conflict()
            elif draft.state == "refused":
                with block("cz-notice is-bad"):
                    icon("error_outline")
                    words(t("It is not saved: {why}", why=draft.why), "cz-grow te-pre")

    def offer(self, lost: Mapping[str, str]) -> None:
        """Texts that were typed while the server could not be reached."""
        t = self._visitor.t
        with self._place, block("cz-notice is-warn") as note:
            icon("cloud_off")
            said = t.n(
                "{count} text typed here while offline did not arrive: {names}.",
                "{count} texts typed here while offline did not arrive: {names}.",
                len(lost),
                names=", ".join(lost),
            )
            words(said, "cz-grow")

            def take() -> None:
                note.delete()
                self._draft.replace({**self._draft.files, **lost})
                self._replaced("")

            plain_button(t("Put it in"), take).mark("take-offline")
            plain_button(t("Leave it"), note.delete).classes("is-quiet")

    def _conflict(self) -> None:
        t = self._visitor.t
        with block("cz-notice is-warn"):
            icon("group")
            said = t("Somebody else saved other texts meanwhile. Yours are not saved.")
            words(said, "cz-grow")
            plain_button(t("Compare"), self._compare).mark("conflict-compare")
            plain_button(t("Take theirs"), self._take).mark("take-theirs")
            plain_button(t("Keep mine"), self._mine).mark("keep-mine")

    async def _compare(self) -> None:
        t = self._visitor.t
        try:
            there = await self._draft.others()
        except NotSignedIn:
            ask_to_sign_in()
            return
        except CadenzaError as error:
            ui.notify(all_words(error, t, "letter"), type="negative")
            return
        files = self._draft.files
        changes = changes_between(there.files, files, in_order({**there.files, **files}))
        with ui.dialog() as dialog, ui.card().classes("cz-dialog te-wide"):
            words(t("Theirs and yours"), "cz-h2", tag="h2")
            with block("te-scroll"):
                draw_changes(changes, self._visitor, t("Theirs"), t("Yours"))
            with block("cz-row cz-dialog__buttons"):
                plain_button(t("Close"), dialog.close)
        dialog.on_value_change(lambda event: None if event.value else dialog.delete())
        dialog.open()

    async def _take(self) -> None:
        try:
            self._draft.take(await self._draft.others())
        except NotSignedIn:
            ask_to_sign_in()
            return
        except CadenzaError as error:
            ui.notify(all_words(error, self._visitor.t, "letter"), type="negative")
            return
        said = self._visitor.t("Theirs is shown. Undo brings yours back.")
        self._replaced(said)

    async def _mine(self) -> None:
        await self._draft.keep(over_others=True)
        self._replaced(self._visitor.t("Yours is saved."))
