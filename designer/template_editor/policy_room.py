"""The room of the sending policy: when messages may go, and how many; and the seed list."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Final

import yaml
from nicegui import ui

from designer.asking import plain_button
from designer.problem_words import placed_words, problem_words, refusal_words
from designer.runtime import Designer
from designer.shell import frame
from designer.template_editor.latest import Latest
from designer.template_editor.policy_form import Known, PolicyForm
from designer.template_editor.seed_list import SeedList
from designer.template_editor.switch import Switch, set_class
from designer.visitor import Visitor
from designer.widgets import anchor, ask_to_sign_in, block, button_link, card, chip, notice, words
from engine.errors import CadenzaError, NotSignedIn, Problem, Refused
from engine.services.actor import may
from engine.services.calendars.editing import list_calendars
from engine.services.preferences.topics import list_topics
from engine.services.segment_door import ChangedMeanwhile
from engine.services.sending import editing
from engine.services.templates.yaml_text import read_yaml

CHECK_AFTER: Final = 0.4
MOST_VERSIONS: Final = 20


class PolicyRoom:
    def __init__(self, designer: Designer, visitor: Visitor, version: int | None) -> None:
        self.designer = designer
        self.visitor = visitor
        self.version = version
        self._way = "form"
        self._saved = True
        self._checking = Latest(self._check, CHECK_AFTER)

    async def build(self) -> None:
        visitor, t, somebody = self.visitor, self.visitor.t, self.visitor.somebody
        async with self.designer.transaction() as session:
            seen = await editing.see(session, somebody, self.version)
            newest = await editing.see(session, somebody) if self.version is not None else seen
            versions = await editing.versions(session, somebody, MOST_VERSIONS)
            topics = await list_topics(session, somebody)
            calendars = await list_calendars(session, somebody)
        chinese = t.short == "zh"
        names = {one.slug: (one.label_zh if chinese else None) or one.label for one in topics}
        known = Known(names, [one.name for one in calendars])
        self._tag = newest.tag
        self._source = seen.source
        self._editable = may(somebody, "edit", "sending_policy")
        with frame("/sending", t("Sending"), styles=("template_editor.css",)) as bar:
            with bar:
                self._deeds(seen, newest)
            with block("cz-letter"):
                with block("cz-stack"):
                    self._notices(seen, newest)
                    ways = [("form", t("As a form")), ("text", t("As text"))]
                    Switch(t("Show"), ways, "form", self._turn, "way")
                    self._told = block("cz-stack cz-tight").mark("policy-told")
                    self._told.props["aria-live"] = "polite"
                    self._form_place = block("cz-stack")
                    with block("cz-card cz-hidden") as self._text_place:
                        self._text = ui.codemirror(
                            self._source,
                            language="YAML",
                            theme="vscodeDark" if visitor.dark else "vscodeLight",
                            on_change=self._typed,
                        ).classes("cz-editor")
                        self._text.mark("policy-text")
                        if not self._editable:
                            self._text.disable()
                    self._known = known
                    self._fill(dict(deepcopy(dict(seen.document))))
                with block("cz-stack"):
                    await SeedList(self.designer, visitor).build()
                    self._versions(versions)
                    with card(t("Elsewhere")), block("cz-pad cz-stack cz-tight"):
                        said = t(
                            "Wishes of people win over all of this; rates and warm-up plans "
                            "belong to channels and senders."
                        )
                        words(said, "cz-soft cz-small", tag="p")
        ui.context.client.on_delete(self._checking.close)
        self._checking.ask()

    def _fill(self, document: dict[str, Any]) -> None:
        self._form_place.clear()
        with self._form_place:
            self._form = PolicyForm(
                self.visitor, document, self._known, self._changed, editable=self._editable
            )
            self._form.build()

    def _deeds(self, seen: editing.Seen, newest: editing.Seen) -> None:
        t = self.visitor.t
        if not self._editable:
            return
        self._state = words("", "cz-soft cz-small").mark("policy-state")
        old = seen.version != newest.version
        name = t("Put this one in force") if old else t("Save")
        plain_button(name, self._save, main=True, symbol="save").mark("save-policy")

    def _notices(self, seen: editing.Seen, newest: editing.Seen) -> None:
        t = self.visitor.t
        if seen.version != newest.version:
            said = t(
                "This is version {number}; version {now} is in force.",
                number=seen.version,
                now=newest.version,
            )
            notice(said, "warn")
            button_link("/sending", t("Show the one in force"))
        elif not seen.version:
            notice(t("This is the shipped policy; nobody changed it yet."))

    def _versions(self, versions: list[editing.Version]) -> None:
        t, formats = self.visitor.t, self.visitor.formats
        with card(t("Versions")), block("cz-pad cz-stack cz-tight"):
            for one in versions:
                with anchor(f"/sending?version={one.version}", classes="cz-find"), block("cz-row"):
                    words(f"v{one.version}", "cz-strong")
                    words(f"{formats.moment(one.saved_at)} · {one.saved_by}", "cz-soft cz-small")
                    if one.version == versions[0].version:
                        chip(t("In force"), "good")
            with anchor("/sending?version=0", classes="cz-find"), block("cz-row"):
                words(t("The shipped one"), "cz-strong")
                if not versions:
                    chip(t("In force"), "good")

    def _turn(self, way: str) -> None:
        """The same policy in the other way; a text that cannot be read stays one."""
        if way == self._way:
            return
        if way == "text":
            if not self._saved:
                self._source = editing.source_of(self._form.document)
            self._text.set_value(self._source)
        else:
            self._source = str(self._text.value or "")
            try:
                document = read_yaml(self._source)
            except (yaml.YAMLError, RecursionError, ValueError):
                document = None
            self._fill(dict(document) if isinstance(document, dict) else {})
        self._way = way
        set_class(self._text_place, "cz-hidden", on=way != "text")
        set_class(self._form_place, "cz-hidden", on=way != "form")
        self._checking.ask()

    def _typed(self) -> None:
        if self._way == "text":
            self._changed()

    def _changed(self) -> None:
        self._saved = False
        if self._editable:
            self._state.set_text(self.visitor.t("Not saved yet"))
        self._checking.ask()

    def _now(self) -> str:
        """The text as it would be saved; untouched it stays as somebody wrote it, remarks too."""
        if self._way == "text":
            return str(self._text.value or "")
        return self._source if self._saved else editing.source_of(self._form.document)

    async def _check(self) -> None:
        try:
            actor = await self.designer.actor(self.visitor.token)
            async with self.designer.transaction() as session:
                policy = await editing.check(session, actor, self._now())
        except NotSignedIn:
            with self._told:
                ask_to_sign_in()
            return
        except Refused as refused:
            self._tell(refused.problems, [])
            return
        except CadenzaError as error:
            self._tell([Problem("", error.code, refusal_words(error, self.visitor.t))], [])
            return
        self._tell([], editing.remarks(policy))

    def _tell(self, problems: Any, remarks: list[Problem]) -> None:
        t = self.visitor.t
        rest = problems if self._way == "text" else self._form.show_problems(problems)
        self._told.clear()
        with self._told:
            if problems:
                count = len(problems)
                said = t.n(
                    "{count} mistake: it cannot be saved like this.",
                    "{count} mistakes: it cannot be saved like this.",
                    count,
                )
                notice(said, "bad", "error_outline")
            for one in rest:
                words(placed_words("form", one, t), "cz-code", tag="div")
            for one in remarks:
                notice(problem_words("form", one.code, one.message, t), "warn")

    async def _save(self) -> None:
        t = self.visitor.t
        source = self._now()
        try:
            actor = await self.designer.actor(self.visitor.token)
            async with self.designer.transaction() as session:
                saved = await editing.save(
                    session, actor, source, self.designer.now(), expected=self._tag
                )
        except NotSignedIn:
            ask_to_sign_in()
        except ChangedMeanwhile:
            self._told.clear()
            with self._told:
                notice(
                    t("Somebody else saved another policy meanwhile. Yours is not saved."), "warn"
                )
                anchor("/sending", t("Show the one in force"))
        except Refused as refused:
            self._tell(refused.problems, [])
        except CadenzaError as error:
            self._tell([Problem("", error.code, refusal_words(error, t))], [])
        else:
            if self.version is not None:
                ui.navigate.to("/sending")
                return
            self._tag, self._source, self._saved = saved.tag, saved.source, True
            self._state.set_text(t("Saved as version {number}", number=saved.version))
            ui.notify(t("It counts from the next message on."), type="positive")
