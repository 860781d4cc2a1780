"""The text of a definition, to be changed, checked and put in force."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Final

from nicegui import ui

from designer.agreement import ask_for_agreement
from designer.asking import plain_button
from designer.definition_words import address_of
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, card, notice, words
from engine.definitions import DefinitionRefused, Draft, read_definition
from engine.errors import CadenzaError, NotSignedIn, Problem
from engine.services.agreement import NeedsApproval
from engine.services.definitions.checking import findings
from engine.services.definitions.publishing import publish

_LINE: Final = re.compile(r":(\d+):\d+$")
_LONGEST_NOTE: Final = 500


class DefinitionEditor:
    """`file` is what places of problems name."""

    def __init__(
        self, designer: Designer, visitor: Visitor, source: str, file: str, *, may_publish: bool
    ) -> None:
        self._designer = designer
        self._visitor = visitor
        self._file = file
        self._may_publish = may_publish
        t = visitor.t
        with card() as place:
            place.mark("definition")
            self._text = ui.codemirror(
                source,
                language="YAML",
                theme="vscodeDark" if visitor.dark else "vscodeLight",
                line_wrapping=True,
            ).classes("cz-editor")
            self._text.mark("definition-text").props("role=group")
            self._text.props["aria-label"] = t("Text")
            if not may_publish:
                self._text.disable()
        with block("cz-row"):
            plain_button(t("Check"), self._check, symbol="fact_check").mark("check")
            if may_publish:
                self._note = ui.input(t("Why (for the list of versions)"))
                self._note.props(f"outlined dense maxlength={_LONGEST_NOTE}")
                self._note.classes("cz-field cz-grow").mark("note")
                publish_button = plain_button(
                    t("Publish"), self._publish, main=True, symbol="publish"
                )
                publish_button.mark("publish")
        self._told = block("cz-stack cz-tight").mark("told")
        self._told.props["aria-live"] = "polite"

    async def _check(self) -> None:
        try:
            actor = await self._designer.actor(self._visitor.token)
            async with self._designer.transaction() as session:
                found = await findings(session, actor, self._source(), self._file)
        except NotSignedIn:
            ask_to_sign_in()
            return
        except CadenzaError as error:
            self._refused(error)
            return
        self._tell(found.problems)
        t = self._visitor.t
        with self._told:
            if found.warnings:
                words(t("It can be published, but look at this:"), "cz-strong")
                self._lines(found.warnings, "is-warn")
            elif not found.problems:
                words(t("The check found nothing."), "cz-good")

    async def _publish(self) -> None:
        designer, t = self._designer, self._visitor.t
        try:
            actor = await designer.actor(self._visitor.token)
            draft = read_definition(self._source(), self._file)
            async with designer.transaction() as session:
                done = await publish(
                    session,
                    actor,
                    draft,
                    note=(self._note.value or "").strip()[:_LONGEST_NOTE] or None,
                    now=designer.now(),
                )
        except NotSignedIn:
            ask_to_sign_in()
            return
        except DefinitionRefused as refused:
            self._tell(refused.problems)
            return
        except NeedsApproval as refused:
            self._offer_to_ask(draft, refused.chain)
            return
        except CadenzaError as error:
            self._refused(error)
            return
        if done.changed:
            ui.navigate.to(address_of(draft.kind.value, draft.name))
            return
        self._told.clear()
        with self._told:
            notice(t("This is in force already: nothing was changed."))

    def _offer_to_ask(self, draft: Draft, chain: str) -> None:
        t = self._visitor.t
        self._told.clear()
        with self._told:
            text = t("The approval chain “{chain}” must agree to this first.", chain=chain)
            notice(text, "warn", "how_to_reg")
            with block("cz-row"):
                button = plain_button(
                    t("Ask them"), partial(self._ask, draft), main=True, symbol="send"
                )
                button.mark("ask")

    async def _ask(self, draft: Draft) -> None:
        """What is asked about is exactly this text, whatever is typed meanwhile."""
        t = self._visitor.t
        kind, name = draft.kind.value, draft.name
        try:
            await ask_for_agreement(self._designer, self._visitor, kind, name, draft)
        except NotSignedIn:
            ask_to_sign_in()
            return
        except CadenzaError as error:
            self._refused(error)
            return
        self._told.clear()
        with self._told:
            notice(t("They were asked. It comes into force once they agree."))

    def _source(self) -> str:
        return str(self._text.value or "")

    def _refused(self, error: CadenzaError) -> None:
        self._told.clear()
        with self._told:
            notice(error.message, "bad", "error_outline")

    def _tell(self, problems: Sequence[Problem]) -> None:
        """Each with its line; the text itself is in front of the reader."""
        t = self._visitor.t
        self._told.clear()
        with self._told:
            if problems:
                words(t("It cannot be published yet:"), "cz-strong")
            self._lines(problems, "is-bad")

    def _lines(self, problems: Sequence[Problem], tone: str) -> None:
        t = self._visitor.t
        for problem in problems:
            found = _LINE.search(problem.place)
            with block("cz-finding"):
                place = t("Line {number}", number=found[1]) if found else problem.place
                words(place, f"cz-chip {tone}")
                words(problem.message, "cz-grow")
