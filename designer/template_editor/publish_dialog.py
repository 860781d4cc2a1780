"""Publishing a draft: what it changes, what stands in its way, and asking a chain for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from designer.agreement import ask_for_agreement
from designer.asking import plain_button
from designer.problem_words import all_words, placed_words
from designer.runtime import Designer
from designer.template_editor.draft import TemplateDraft
from designer.template_editor.parts import in_order
from designer.template_editor.side_by_side import changes_between
from designer.visitor import Visitor
from designer.widgets import anchor, ask_to_sign_in, block, notice, words
from engine.errors import CadenzaError, NotSignedIn, Refused
from engine.services.agreement import NeedsApproval
from engine.services.templates.drafts import TemplateDetail, see_template
from engine.services.templates.publishing import (
    files_of_version,
    flows_that_send,
    publish_template,
)


class PublishDialog:
    """`done` is told after it was published."""

    def __init__(
        self,
        designer: Designer,
        visitor: Visitor,
        draft: TemplateDraft,
        done: Callable[[], Awaitable[None]],
    ) -> None:
        self._designer = designer
        self._visitor = visitor
        self._draft = draft
        self._done = done
        t = visitor.t
        with ui.dialog() as self._dialog, ui.card().classes("cz-dialog te-publish"):
            words(t("Publish this template?"), "cz-h2", tag="h2")
            self._about = block("cz-stack cz-tight")
            self._told = block("cz-stack cz-tight").mark("publish-told")
            self._told.props["role"] = "alert"
            with block("cz-row cz-dialog__buttons"):
                self._close = plain_button(t("Cancel"), self._dialog.close)
                self._go = plain_button(t("Publish"), self._publish, main=True)
                self._go.mark("confirm-publish")

    async def open(self) -> None:
        self._told.clear()
        self._about.clear()
        self._go.visible = True
        try:
            actor = await self._designer.actor(self._visitor.token)
            library, name = self._designer.runtime.templates, self._draft.name
            async with self._designer.transaction() as session:
                detail = await see_template(session, actor, library, name)
                flows = await flows_that_send(session, name)
                sent = next((one.number for one in detail.versions if one.is_sent), None)
                before = await files_of_version(session, actor, name, sent) if sent else {}
        except NotSignedIn:
            ask_to_sign_in()
            return
        except CadenzaError as error:
            ui.notify(all_words(error, self._visitor.t, "letter"), type="negative")
            return
        if sent is None:
            bundle = self._designer.runtime.templates.file_bundle(name)
            before = bundle.files if bundle else {}
        with self._about:
            self._say(detail, flows, len(self._changes(before)), sent)
        self._dialog.open()

    def _changes(self, before: object) -> list[object]:
        files = self._draft.files
        known = dict(before)  # type: ignore[call-overload]
        return list(changes_between(known, files, in_order({**known, **files})))

    def _say(
        self, detail: TemplateDetail, flows: tuple[str, ...], changes: int, sent: int | None
    ) -> None:
        t = self._visitor.t
        if sent is None and not detail.summary.covers_file:
            words(t("It was never published. Flows can send it from now on."), tag="p")
        elif not changes:
            words(t("It says what is sent already; nothing would change."), tag="p")
        else:
            with block("cz-row"):
                said = t.n(
                    "{count} text differs from what is sent now.",
                    "{count} texts differ from what is sent now.",
                    changes,
                )
                words(said)
                if sent is not None:
                    address = f"/templates/{self._draft.name}/versions?left={sent}"
                    anchor(address, t("Compare"))
        if flows:
            said = t.n(
                "{count} flow sends it: {names}. Its next messages have these words.",
                "{count} flows send it: {names}. Their next messages have these words.",
                len(flows),
                names=", ".join(flows[:8]),
            )
            words(said, tag="p")
        else:
            words(t("No flow at work sends it."), "cz-soft", tag="p")
        if detail.summary.covers_file and sent is None:
            words(t("It covers the file of the same name from now on."), tag="p")

    async def _publish(self) -> None:
        self._told.clear()
        draft, designer, t = self._draft, self._designer, self._visitor.t
        if draft.tag is None:
            await draft.keep(over_others=False)
        try:
            actor = await designer.actor(self._visitor.token)
            async with designer.transaction() as session:
                published = await publish_template(
                    session,
                    actor,
                    designer.runtime.templates,
                    draft.name,
                    now=designer.now(),
                    seen=draft.tag,
                )
            async with designer.transaction() as session:
                await designer.runtime.templates.refresh(session)
        except NotSignedIn:
            ask_to_sign_in()
        except NeedsApproval as refused:
            self._offer_to_ask(refused.chain)
        except Refused as refused:
            with self._told:
                words(t("It cannot be published yet:"), "cz-strong")
                for problem in refused.problems:
                    words(placed_words("letter", problem, t), "cz-small cz-bad", tag="div")
        except CadenzaError as error:
            with self._told:
                notice(all_words(error, t, "letter"), "bad", "error_outline")
        else:
            self._dialog.close()
            ui.notify(t("Published as v{number}.", number=published.number), type="positive")
            await self._done()

    def _offer_to_ask(self, chain: str) -> None:
        t = self._visitor.t
        self._go.visible = False
        with self._told:
            said = t("The approval chain “{chain}” must agree to this first.", chain=chain)
            notice(said, "warn", "how_to_reg")
            plain_button(t("Ask them"), self._ask, main=True, symbol="send").mark("ask")

    async def _ask(self) -> None:
        t = self._visitor.t
        try:
            whom = await ask_for_agreement(
                self._designer, self._visitor, "template", self._draft.name
            )
        except NotSignedIn:
            ask_to_sign_in()
            return
        except CadenzaError as error:
            self._told.clear()
            with self._told:
                notice(all_words(error, t, "letter"), "bad", "error_outline")
            return
        self._told.clear()
        with self._told:
            notice(t("They were asked. It comes into force once they agree."))
            words(whom, "cz-strong")
            words(t("A change made meanwhile would have to be asked for anew."), "cz-soft cz-small")
