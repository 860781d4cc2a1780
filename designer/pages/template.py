"""One message template: its letter as anybody would get it, and what is wrong with it."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from starlette.requests import Request

from designer.components.filter_tabs import filter_tabs
from designer.components.letter_frame import Look, letter_frame
from designer.letter_asked import Asked, asked_of
from designer.letter_choice import contact_card
from designer.letter_proof import ProofCard
from designer.letter_side import about_card, findings_card, links_card, versions_card
from designer.letter_test import test_buttons
from designer.page import page
from designer.pages.templates import label_of
from designer.runtime import Designer
from designer.shell import frame
from designer.template_editor.new_template import new_template_button
from designer.visitor import Visitor, current
from designer.widgets import block, button_link, card, facts, notice, words
from engine.errors import CadenzaError, LimitReached, NotFound, Refused
from engine.services.actor import may
from engine.services.templates.drafts import TemplateDetail, see_template
from engine.services.trying_messages import (
    Desk,
    Preview,
    as_reference,
    pictures_of,
    preview,
)


def register(designer: Designer) -> None:
    @page("/templates/{name}")
    async def template(name: str, request: Request) -> None:
        await _Room(designer, current(), asked_of(name, request)).build()


def desk_of(designer: Designer) -> Desk:
    return Desk(designer.runtime.templates, designer.runtime.sender_settings)


class _Room:
    def __init__(self, designer: Designer, visitor: Visitor, asked: Asked) -> None:
        self.designer = designer
        self.visitor = visitor
        self.asked = asked

    async def build(self) -> None:
        visitor, asked, t = self.visitor, self.asked, self.visitor.t
        library = self.designer.runtime.templates
        async with self.designer.transaction() as session:
            await library.refresh(session)
            detail = await see_template(session, visitor.somebody, library, asked.name)
        if detail.summary.version is None:
            asked = self.asked = replace(asked, draft=True)
        seen, pictures, refusal = await self._written()
        title = label_of(detail.summary, visitor)
        with frame("/templates", title, trail=[("/templates", t("Templates"))]) as actions:
            with actions:
                if seen is not None and may(visitor.somebody, "edit", "message"):
                    desk = desk_of(self.designer)
                    test_buttons(self.designer, visitor, desk, asked, before=None)
                if may(visitor.somebody, "edit", "template"):
                    new_template_button(
                        self.designer, visitor, [(asked.name, title)], copy_of=asked.name
                    )
                    button_link(f"{asked.path}/edit", t("Edit"), "edit", main=True)
            with block("cz-letter"):
                with block("cz-stack"):
                    self._switches(detail, seen)
                    if refusal is not None:
                        self._refused(refusal)
                    if seen is not None:
                        self._letter(seen, pictures)
                    is_sent = asked.name in library.names()
                    if is_sent and may(visitor.somebody, "read", "contact"):
                        desk = desk_of(self.designer)
                        await ProofCard(self.designer, visitor, desk, asked).build()
                with block("cz-stack"):
                    self._side(detail, seen)

    async def _written(self) -> tuple[Preview | None, dict[str, str], CadenzaError | None]:
        """The letter, or why there is none for this contact."""
        somebody, asked = self.visitor.somebody, self.asked
        contact = None if asked.contact is None else as_reference(asked.contact)
        try:
            seen = await preview(
                self.designer.transaction,
                somebody,
                desk_of(self.designer),
                asked.name,
                now=self.designer.now(),
                contact=contact,
                language=asked.language,
                draft=asked.draft,
            )
            async with self.designer.transaction() as session:
                return seen, await pictures_of(session, somebody, seen), None
        except (Refused, NotFound, LimitReached) as error:
            return None, {}, error

    def _switches(self, detail: TemplateDetail, seen: Preview | None) -> None:
        t, asked = self.visitor.t, self.asked
        names = {
            "mail": t("Mail"),
            "dark": t("Dark"),
            "inverted": t("Colours inverted"),
            "text": t("Text"),
            "short": t("Short text"),
            "headers": t("Headers"),
        }
        if seen is None or seen.letter.short_text is None:
            del names["short"]
        query = asked.query()
        with block("cz-row"):
            views = [(None if view == "mail" else view, name) for view, name in names.items()]
            filter_tabs(t("Show"), asked.path, query, "view", views)
            if asked.view in ("mail", "dark", "inverted"):
                widths = [(None, t("Desktop")), ("phone", t("On a phone"))]
                filter_tabs(t("Width"), asked.path, query, "width", widths)
            known = seen.languages if seen else self._languages()
            if len(known) > 1:
                tabs = [(None, t("Own language")), *((one, one) for one in known)]
                filter_tabs(t("Language"), asked.path, query, "language", tabs)
            if detail.tag is not None and detail.summary.version is not None:
                texts = [(None, t("Sent now")), ("draft", t("Draft"))]
                filter_tabs(t("Text"), asked.path, query, "text", texts)

    def _languages(self) -> tuple[str, ...]:
        library = self.designer.runtime.templates
        known = self.asked.name in library.names()
        return library.languages(self.asked.name) if known else ()

    def _refused(self, refusal: CadenzaError) -> None:
        with block("cz-card is-padded cz-stack cz-tight"):
            notice(refusal.message, "bad", "error_outline")
            for problem in refusal.problems if isinstance(refusal, Refused) else ():
                words(str(problem), "cz-code", tag="div")

    def _letter(self, seen: Preview, pictures: dict[str, str]) -> None:
        t, asked, letter = self.visitor.t, self.asked, seen.letter
        with card() as place:
            place.mark("letter")
            with block("cz-pad cz-stack cz-tight"):
                words(letter.subject, "cz-h2", tag="h2")
                words(letter.preheader, "cz-soft")
            if asked.view == "text":
                words(letter.text, "cz-pre", tag="pre")
            elif asked.view == "short":
                words(letter.short_text or "", "cz-pre", tag="pre")
            elif asked.view == "headers":
                facts(list(seen.headers))
            else:
                look = "light" if asked.view == "mail" else asked.view
                title = t("The letter")
                letter_frame(
                    letter.html,
                    title,
                    pictures=pictures,
                    look=cast(Look, look),
                    width=asked.width,
                )
        if asked.view in ("dark", "inverted"):
            words(_dark_note(asked.view, self.visitor), "cz-soft cz-small", tag="p")

    def _side(self, detail: TemplateDetail, seen: Preview | None) -> None:
        visitor = self.visitor
        if may(visitor.somebody, "read", "contact"):
            contact_card(self.designer, visitor, self.asked, seen)
        findings_card(self.designer, detail, seen, visitor)
        if seen is not None:
            about_card(detail.summary, seen, visitor)
            links_card(seen, visitor)
        versions_card(detail, visitor)


def _dark_note(view: str, visitor: Visitor) -> str:
    t = visitor.t
    if view == "dark":
        return t(
            "As programs show it that leave a letter's colours alone, such as Apple Mail. What "
            "gives no colour of its own turns dark."
        )
    return t(
        "Roughly as programs show it that turn the colours over, such as Outlook and Gmail on a "
        "phone. Each does it in its own way: send a test to see."
    )
