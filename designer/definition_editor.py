"""The text of a definition, to be changed, checked and put in force."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from nicegui import ui

from designer.agreement import ask_for_agreement
from designer.asking import plain_button
from designer.definition_words import address_of
from designer.problem_words import problem_words, refusal_words
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, card, notice, words
from engine.definitions import DefinitionRefused, Draft, read_definition
from engine.errors import CadenzaError, NotFound, NotSignedIn, Problem
from engine.services.agreement import NeedsApproval
from engine.services.definitions.checking import findings
from engine.services.definitions.publishing import publish
from engine.services.definitions.seeing import see_definition

_LINE: Final = re.compile(r":(\d+):\d+$")
_LONGEST_NOTE: Final = 500


def _nothing() -> None:
    return None


def text_field(source: str, visitor: Visitor, *, may_edit: bool) -> ui.codemirror:
    """Where the text is written."""
    field = ui.codemirror(
        source,
        language="YAML",
        theme="vscodeDark" if visitor.dark else "vscodeLight",
        line_wrapping=True,
    ).classes("cz-editor")
    field.mark("definition-text").props("role=group")
    field.props["aria-label"] = visitor.t("Text")
    if not may_edit:
        field.disable()
    return field


class DefinitionEditor:
    """`file` is what places of problems name."""

    def __init__(
        self, designer: Designer, visitor: Visitor, source: str, file: str, *, may_publish: bool
    ) -> None:
        with card() as place:
            place.mark("definition")
            text = text_field(source, visitor, may_edit=may_publish)
        PublishBar(designer, visitor, lambda: str(text.value or ""), file, may_publish=may_publish)


class PublishBar:
    """Checking and publishing what `source` gives. `base` is the number of the version that the
    text began with: when another one came into force meanwhile, one is asked first. `done` is
    called once it is published, and `address` (of kind and name) is where that leads."""

    def __init__(
        self,
        designer: Designer,
        visitor: Visitor,
        source: Callable[[], str],
        file: str,
        *,
        may_publish: bool,
        base: int | None = None,
        done: Callable[[], None] = _nothing,
        address: Callable[[str, str], str] = address_of,
    ) -> None:
        self._designer = designer
        self._visitor = visitor
        self._source = source
        self._file = file
        self._base = base
        self._done = done
        self._address = address
        t = visitor.t
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
        self.tell(found.problems)
        t = self._visitor.t
        with self._told:
            if found.warnings:
                words(t("It can be published, but look at this:"), "cz-strong")
                self._lines(found.warnings, "is-warn")
            elif not found.problems:
                words(t("The check found nothing."), "cz-good")

    async def _publish(self, *, over: bool = False) -> None:
        designer, t = self._designer, self._visitor.t
        try:
            actor = await designer.actor(self._visitor.token)
            draft = read_definition(self._source(), self._file)
            if not over and await self._was_changed(draft):
                return
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
            self.tell(refused.problems)
            return
        except NeedsApproval as refused:
            self._offer_to_ask(draft, refused.chain)
            return
        except CadenzaError as error:
            self._refused(error)
            return
        self._done()
        if done.changed:
            ui.navigate.to(self._address(draft.kind.value, draft.name))
            return
        self._told.clear()
        with self._told:
            notice(t("This is in force already: nothing was changed."))

    async def _was_changed(self, draft: Draft) -> bool:
        """Whether somebody published another version since this text was opened; then one is
        asked."""
        if self._base is None:
            return False
        try:
            async with self._designer.transaction() as session:
                seen = await see_definition(session, self._visitor.somebody, draft.kind, draft.name)
        except NotFound:
            return False
        if seen.number == self._base:
            return False
        t = self._visitor.t
        self._told.clear()
        with self._told:
            text = t(
                "Version {number} came into force while you were at it. Yours would replace it.",
                number=seen.number,
            )
            notice(text, "warn", "sync_problem")
            with block("cz-row"):
                link = f"{address_of(draft.kind.value, draft.name)}?version={seen.number}"
                ui.link(t("Look at it"), link, new_tab=True).classes("cz-button")
                over = plain_button(
                    t("Publish all the same"), partial(self._publish, over=True), main=True
                )
                over.mark("publish-over")
        return True

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
            whom = await ask_for_agreement(self._designer, self._visitor, kind, name, draft)
        except NotSignedIn:
            ask_to_sign_in()
            return
        except CadenzaError as error:
            self._refused(error)
            return
        self._done()
        self._told.clear()
        with self._told:
            notice(t("They were asked. It comes into force once they agree."))
            words(whom, "cz-strong")

    def _refused(self, error: CadenzaError) -> None:
        self._told.clear()
        with self._told:
            notice(refusal_words(error, self._visitor.t), "bad", "error_outline")

    def tell(self, problems: Sequence[Problem]) -> None:
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
                said = problem_words("definition", problem.code, problem.message, t)
                words(said, "cz-grow")
