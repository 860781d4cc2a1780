"""The editor of one template, put together: fields, preview, problems, state, deeds."""

from __future__ import annotations

from typing import Final

from nicegui import ui

from designer.asking import plain_button
from designer.letter_asked import Asked
from designer.letter_test import test_buttons
from designer.problem_words import all_words
from designer.runtime import Designer
from designer.shell import frame
from designer.template_editor.choices import choices_for
from designer.template_editor.code_fields import CodeFields
from designer.template_editor.code_help import CodeHelp
from designer.template_editor.details import DetailsForm
from designer.template_editor.draft import TemplateDraft
from designer.template_editor.file_dialog import pick_file
from designer.template_editor.insert_dialog import InsertDialog
from designer.template_editor.latest import Latest
from designer.template_editor.places import Spot
from designer.template_editor.problem_list import ProblemList
from designer.template_editor.publish_dialog import PublishDialog
from designer.template_editor.seeing import SeeingPane
from designer.template_editor.sight import Sight, check_of, letter_of
from designer.template_editor.standing import StandingNotice
from designer.template_editor.switch import Switch, set_class
from designer.template_editor.words_at_hand import words_at_hand
from designer.template_editor.writing import Notified, WritingPane
from designer.visitor import Visitor
from designer.widgets import anchor, ask_to_sign_in, block, icon, words
from engine.errors import CadenzaError, NotSignedIn
from engine.services.actor import allowed, may
from engine.services.templates.drafts import TemplateDetail, see_template
from engine.services.templates.offered import Offered, offered_variables
from engine.services.trying_messages import Desk

# Seconds after the last key: soon enough to feel live, late enough not to write at every letter.
LOOK_AFTER: Final = 0.3
KEEP_AFTER: Final = 1.0
TRY_AGAIN_AFTER: Final = 1.5
OTHERS_EVERY: Final = 4.0


class EditorRoom:
    def __init__(self, designer: Designer, visitor: Visitor, name: str) -> None:
        self.designer = designer
        self.visitor = visitor
        self.name = name
        self._looking = Latest(self._look, LOOK_AFTER)
        self._keeping = Latest(self._keep, KEEP_AFTER)
        self._fields: CodeFields
        self._insert: InsertDialog
        self._writing: WritingPane
        self._problems: ProblemList

    async def build(self) -> None:
        visitor, t = self.visitor, self.visitor.t
        allowed(visitor.somebody, "edit", "template")
        library = self.designer.runtime.templates
        async with self.designer.transaction() as session:
            await library.refresh(session)
            detail = await see_template(session, visitor.somebody, library, self.name)
            offered = await offered_variables(
                session, visitor.somebody, library, self.name, detail.files
            )
        files = dict(detail.files)
        self.draft = TemplateDraft(
            self.designer, visitor, self.name, files, dict(files), detail.tag
        )
        choices = await choices_for(self.designer, visitor)
        title = self._label(detail)
        trail = [("/templates", t("Templates")), (f"/templates/{self.name}", title)]
        with frame(
            "/templates", t("Edit"), trail=trail, flush=True, styles=("template_editor.css",)
        ) as bar:
            self._parts(offered)
            with bar:
                self._actions()
            self._standing = StandingNotice(self.draft, visitor, self._replaced)
            with block("te", tag="div") as self._room:
                self._phone_switch()
                with block("te-write", tag="section") as write:
                    write.props["aria-label"] = t("Write")
                    self._details = DetailsForm(
                        self.draft,
                        visitor,
                        choices,
                        self._typed,
                        lambda: self._writing.show(),
                        lambda: self._pick_file(pictures=False),
                    )
                    told = Notified(self._typed, self._looking.ask, self._replaced)
                    self._writing = WritingPane(
                        self.draft, visitor, self._fields, told, self._details
                    )
                    self._tools()
                    self._writing.build()
                    self._problems = ProblemList(self.draft, visitor, self._open)
                    self._problems.build()
                with block("te-see", tag="section") as see:
                    see.props["aria-label"] = t("Preview")
                    self._seeing = SeeingPane(self.designer, visitor, self._looking.ask)
                    self._seeing.build()
        self._looking.ask()
        self._show_state()
        ui.timer(OTHERS_EVERY, self._look_at_others)
        client = ui.context.client
        client.on_disconnect(self._keeping.now)
        client.on_delete(self._close)

    def _parts(self, offered: list[Offered]) -> None:
        visitor = self.visitor
        beside = CodeHelp(self.name, words_at_hand(offered, visitor.t), self._typed_offline)
        keys = {
            "Mod-s": self._keeping.now,
            "F8": lambda: self._problems.next(),
            "Mod-i": lambda: self._insert.open(),
        }
        self._fields = CodeFields(self.draft, beside, visitor.dark is True, self._typed, keys)
        self._insert = InsertDialog(visitor, offered, self._put)
        self._publishing = PublishDialog(self.designer, visitor, self.draft, self._published)

    def _actions(self) -> None:
        t, somebody = self.visitor.t, self.visitor.somebody
        with block("te-state") as self._state_place:
            self._state_place.props["role"] = "status"
            self._state_place.props["data-te-state"] = ""
            self._state_icon = icon("cloud_done", "18px")
            self._state = words("", "te-state__words").mark("state")
            words(t("Offline; it is sent when the connection is back"), "te-state__offline")
        with anchor(f"/templates/{self.name}/versions", classes="cz-button te-versions") as link:
            link.props["aria-label"] = t("Versions")
            icon("history", "18px")
            words(t("Versions"))
        if may(somebody, "edit", "message"):
            desk = Desk(self.designer.runtime.templates, self.designer.runtime.sender_settings)
            test_buttons(self.designer, self.visitor, desk, self._as_seen, before=self._keeping.now)
        if may(somebody, "publish", "template"):
            button = plain_button(t("Publish"), self._publish, main=True, symbol="publish")
            button.mark("publish")

    def _tools(self) -> None:
        t = self.visitor.t
        with block("te-tools"):
            tools = (
                ("data_object", t("Insert a value"), self._insert.open, "insert"),
                ("image", t("Picture"), self._put_picture, "picture"),
                ("undo", t("Undo"), self._undo, "undo"),
            )
            for symbol, name, deed, mark in tools:
                button = plain_button(name, deed, symbol=symbol).classes("is-quiet")
                button.mark(mark)
                if mark == "undo":
                    self._undo_button = button
        set_class(self._undo_button, "cz-hidden", on=True)

    def _phone_switch(self) -> None:
        t = self.visitor.t
        with block("te-phone"):
            sides = [("write", t("Write")), ("see", t("Preview"))]
            Switch(t("Show"), sides, "write", self._turn, "side")

    def _turn(self, side: str) -> None:
        set_class(self._room, "is-seeing", on=side == "see")

    def _label(self, detail: TemplateDetail) -> str:
        meta = detail.summary.meta
        if meta is None:
            return self.name
        return meta.label.zh if self.visitor.t.short == "zh" else meta.label.en

    def _typed(self) -> None:
        self._looking.ask()
        self._keeping.ask()
        self._show_state()

    def _replaced(self, said: str) -> None:
        """Other texts were put into the draft; fields follow, and Undo brings the former back."""
        self._fields.refresh()
        self._writing.show()
        self._details.show()
        if said:
            ui.notify(said)
        self._typed()

    async def _keep(self) -> None:
        self._show_state(sends=True)
        with self._room:
            try:
                await self.draft.keep()
            finally:
                self._show_state()
                if self.draft.state == "changed" and not self._keeping.waits:
                    # the database was away, or the sign-in is over
                    ui.timer(TRY_AGAIN_AFTER, self._keeping.ask, once=True)

    async def _look(self) -> None:
        files, language = dict(self.draft.files), self._writing.language
        self._seeing.waits(on=True)
        try:
            sight = await letter_of(
                self.designer,
                self.visitor,
                self.name,
                files=files,
                language=language,
                contact=self._seeing.contact,
            )
            if not self._looking.waits:
                self._seeing.show(sight)
            await self._check(files, sight)
        except NotSignedIn:
            self._ask_to_sign_in()
        except CadenzaError as error:
            self._seeing.show(Sight(said=all_words(error, self.visitor.t, "letter")))
        finally:
            self._seeing.waits(on=False)

    async def _check(self, files: dict[str, str], sight: Sight) -> None:
        checked = (
            None if sight.again else await check_of(self.designer, self.visitor, self.name, files)
        )
        if checked is None:
            with self._room:
                ui.timer(TRY_AGAIN_AFTER, self._looking.ask, once=True)
        elif not self._looking.waits:
            self._problems.show(checked)
            self._fields.mark(self._problems.marks())

    def _ask_to_sign_in(self) -> None:
        with self._room:
            ask_to_sign_in()

    def _show_state(self, *, sends: bool = False) -> None:
        t, draft = self.visitor.t, self.draft
        words_of, symbol = {
            "as_kept": (t("Saved"), "cloud_done"),
            "changed": (t("Saving …") if sends else t("Changed"), "cloud_upload"),
            "conflict": (t("Not saved: somebody else changed it"), "warning"),
            "refused": (t("Not saved"), "error"),
        }[draft.state]
        if draft.state == "as_kept" and draft.tag is None:
            words_of, symbol = t("As in the files"), "description"
        self._state.set_text(words_of)
        self._state_icon.props["name"] = symbol
        for state in ("as_kept", "changed", "conflict", "refused"):
            set_class(self._state_place, f"is-{state}", on=state == draft.state)
        set_class(self._undo_button, "cz-hidden", on=not draft.earlier)
        self._standing.show()

    async def _look_at_others(self) -> None:
        """What somebody else changed comes here, as long as nothing here waits to be kept."""
        if self.draft.state != "as_kept" or self._keeping.waits:
            return
        before = self.draft.tag
        try:
            there = await self.designer.pulses.ask(("template", self.name), self.draft.others)
            if there.tag == before:
                return
            # the pulse may be older than what was kept here
            there = await self.draft.others()
        except NotSignedIn:
            self._ask_to_sign_in()
            return
        except CadenzaError:
            return  # it was there a moment ago; the next look says more
        if there.tag == before or self.draft.tag != before or self.draft.state != "as_kept":
            return
        self.draft.take(there)
        with self._room:
            self._replaced(self.visitor.t("Somebody else changed this template just now."))

    async def _typed_offline(self, kept: dict[str, str]) -> None:
        """Texts of a page that was loaded anew before they could be sent."""
        known = {file: text for file, text in kept.items() if file in self.draft.files}
        lost = {
            file: text
            for file, text in known.items()
            if text.rstrip("\n") != self.draft.files[file].rstrip("\n")
        }
        if lost:
            with self._room:
                self._standing.offer(lost)

    def _open(self, spot: Spot) -> None:
        if spot.file is not None:
            self._writing.open(spot.file, spot.line)
        elif spot.language is not None:
            self._writing.open_language(spot.language)

    def _put(self, text: str) -> None:
        self._fields.insert(text, self._writing.file)

    async def _pick_file(self, *, pictures: bool) -> str | None:
        try:
            return await pick_file(self.designer, self.visitor, pictures=pictures)
        except NotSignedIn:
            ask_to_sign_in()
        except CadenzaError as error:
            ui.notify(all_words(error, self.visitor.t, "letter"), type="negative")
        return None

    async def _put_picture(self) -> None:
        name = await self._pick_file(pictures=True)
        if name is None:
            return
        if self._writing.task != "letter" and self._writing.file is not None:
            ui.notify(self.visitor.t("Pictures stand in letters only."), type="warning")
            return
        tag = "mj-image" if self._writing.form == "mjml" else "img"
        self._fields.insert_into(self._writing.file, f'<{tag} src="cid:{name}" alt="" width="200">')

    def _undo(self) -> None:
        if self.draft.undo():
            self._replaced("")

    def _as_seen(self) -> Asked:
        """What a test shows: the draft, for whom and in the language that the preview is in."""
        contact = None if self._seeing.contact is None else str(self._seeing.contact)
        return Asked(self.name, contact, self._writing.language, "mail", "desktop", draft=True)

    async def _publish(self) -> None:
        await self._keeping.now()
        if self.draft.state in ("conflict", "refused"):
            ui.notify(self.visitor.t("Save it first; the notice above says how."), type="warning")
            return
        await self._publishing.open()

    async def _published(self) -> None:
        self._show_state()

    def _close(self) -> None:
        self._looking.close()
        self._keeping.close()
