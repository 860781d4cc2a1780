"""A form that anybody may send: what it asks, what people agree to, where it stands."""

from __future__ import annotations

from nicegui import ui

from designer.asking import asking_button, plain_button
from designer.page import page
from designer.problem_words import refusal_words
from designer.runtime import Designer
from designer.shell import frame
from designer.sources.form_editor import FormEditor
from designer.sources.snippet import snippet
from designer.visitor import Visitor, current
from designer.widgets import ask_to_sign_in, block, button_link, card, facts, words
from engine.errors import CadenzaError, NotSignedIn, Problem, Refused
from engine.services.actor import may
from engine.services.custom_fields import list_custom_fields
from engine.services.forms import (
    KnownForm,
    change_form,
    read_form,
    remove_form,
    set_form_active,
)
from engine.services.forms.model import FILLED
from engine.services.preferences import list_topics

_ROOM = "/forms"


def register(designer: Designer) -> None:
    @page("/forms/{name}")
    async def source_form(name: str) -> None:
        visitor = current()
        t, somebody = visitor.t, visitor.somebody
        chinese = t.short == "zh"
        async with designer.transaction() as session:
            found = await read_form(session, somebody, name)
            custom = await list_custom_fields(session, "contact")
            topics = (
                await list_topics(session, somebody) if may(somebody, "read", "message") else []
            )
        fills = {"": t("Stays with the event")} | {one: one for one in FILLED}
        fills |= {
            f"custom.{one.key}": (one.label_zh if chinese and one.label_zh else one.label)
            for one in custom
        }
        changes = may(somebody, "edit", "form")
        trail = [(_ROOM, t("Forms"))]
        with (
            frame(_ROOM, found.form.title, trail=trail, styles=("sources.css",)) as actions,
            block("cz-stack"),
        ):
            deeds = _Deeds(designer, visitor, found)
            with actions:
                if found.active:
                    button_link(f"/f/{found.name}", t("See it"), "open_in_new")
                deeds.buttons(changes=changes, removes=may(somebody, "delete", "form"))
            with block("cz-src__two"):
                editor_side, beside = block("cz-stack"), block("cz-stack")
            with editor_side:
                labels = {
                    one.slug: (one.label_zh if chinese and one.label_zh else one.label)
                    for one in topics
                }
                deeds.editor = FormEditor(t, found.form, fills, labels)
                if changes:
                    with block("cz-row"):
                        plain_button(t("Save"), deeds.save, main=True).mark("save-form")
                        deeds.said()
            with beside:
                deeds.about()


class _Deeds:
    editor: FormEditor

    def __init__(self, designer: Designer, visitor: Visitor, found: KnownForm) -> None:
        self._designer, self._visitor, self._found = designer, visitor, found

    def about(self) -> None:
        t, found, formats = self._visitor.t, self._found, self._visitor.formats
        base = self._designer.runtime.public_url
        with card(t("Where it stands")):
            facts(
                [
                    (t("A page of its own"), f"{base}/f/{found.name}"),
                    (
                        t("Last used"),
                        formats.moment(found.last_used_at)
                        if found.last_used_at
                        else t("not used yet"),
                    ),
                    (t("State"), t("Active") if found.active else t("Paused")),
                ]
            )
        with card(t("For a page of yours")), block("cz-src__part"):
            words(
                t(
                    "Paste this into your page and dress it as you like. It needs no script. The "
                    "field out of sight catches programs: leave it empty and in place."
                ),
                "cz-soft cz-small",
                tag="p",
            )
            code = snippet(base, found.name, found.form, t("E-mail address"), t("Send"))
            words(code, "cz-code cz-src__lines", tag="pre").mark("snippet")

    def buttons(self, *, changes: bool, removes: bool) -> None:
        if changes:
            self._switch()
        if removes:
            t = self._visitor.t
            asking_button(
                t,
                "delete",
                t("Remove"),
                t("Remove “{source}”?", source=self._found.form.title),
                t("It cannot be sent any more. What was sent stays."),
                self._remove,
            )

    def _switch(self) -> None:
        t, title = self._visitor.t, self._found.form.title
        if self._found.active:
            question = t("Pause “{source}”?", source=title)
            text = t("Whoever opens or sends it is told that it is not there any more.")
            asking_button(t, "pause", t("Pause"), question, text, lambda: self._set(active=False))
        else:
            question = t("Resume “{source}”?", source=title)
            text = t("It can be sent again.")
            asking_button(
                t, "play_arrow", t("Resume"), question, text, lambda: self._set(active=True)
            )

    def said(self) -> None:
        self._saved = words("", "cz-good").props("role=status")

    async def save(self) -> None:
        self._saved.set_text("")
        try:
            actor = await self._designer.actor(self._visitor.token)
            async with self._designer.transaction() as session:
                await change_form(
                    session,
                    actor,
                    self._found.name,
                    self.editor.as_json(),
                    self._designer.now(),
                )
        except NotSignedIn:
            ask_to_sign_in()
        except Refused as refused:
            self.editor.tell(refused.problems)
        except CadenzaError as error:
            self.editor.tell([Problem("", error.code, refusal_words(error, self._visitor.t))])
        else:
            self.editor.tell([])
            self._saved.set_text(self._visitor.t("Saved"))

    async def _set(self, *, active: bool) -> None:
        actor = await self._designer.actor(self._visitor.token)
        async with self._designer.transaction() as session:
            await set_form_active(session, actor, self._found.name, active)
        ui.navigate.to(f"/forms/{self._found.name}")

    async def _remove(self) -> None:
        actor = await self._designer.actor(self._visitor.token)
        async with self._designer.transaction() as session:
            await remove_form(session, actor, self._found.name)
        ui.navigate.to(_ROOM)
