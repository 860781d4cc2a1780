"""A webhook that comes in: its address, its secret, and what its documents mean."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from designer.asking import asking_button, plain_button
from designer.page import page
from designer.problem_words import refusal_words
from designer.runtime import Designer
from designer.shell import frame
from designer.sources.mapping_editor import MappingEditor
from designer.sources.sample import Sample
from designer.sources.shown_once import show_once
from designer.sources.terms import SIGNATURES
from designer.visitor import Visitor, current
from designer.widgets import anchor, ask_to_sign_in, block, card, facts, icon, words
from engine.errors import CadenzaError, NotSignedIn, Problem, Refused
from engine.services.actor import may
from engine.services.contacts.fields import CONTACT_FIELDS
from engine.services.custom_fields import DefinedField, list_custom_fields
from engine.services.dead_letters import count_letters, latest_letter
from engine.services.hooks import (
    KnownSource,
    read_source,
    remove_source,
    rotate_source,
    set_active,
    set_mapping,
    try_mapping,
)

_ROOM = "/sources"


def register(designer: Designer) -> None:
    @page("/sources/hooks/{name}")
    async def source(name: str) -> None:
        visitor = current()
        t, somebody = visitor.t, visitor.somebody
        async with designer.transaction() as session:
            found = await read_source(session, somebody, name)
            custom = await list_custom_fields(session, "contact")
            letter = await latest_letter(session, somebody, f"hook:{name}")
            counted = await count_letters(session, somebody)
        waiting = sum(one.count for one in counted if one.source == f"hook:{name}")
        manages = may(somebody, "edit", "hook")
        trail = [(_ROOM, t("Sources"))]
        with (
            frame(_ROOM, found.name, trail=trail, styles=("sources.css",)) as actions,
            block("cz-stack"),
        ):
            deeds = _Deeds(designer, visitor, found)
            if manages:
                with actions:
                    deeds.buttons(removes=may(somebody, "delete", "hook"))
            deeds.about(waiting)
            with block("cz-src__two"):
                editor_side = block("cz-stack")
                sample_side = block("cz-stack")
            with editor_side:
                editor = MappingEditor(t, found.mapping, _fields(custom, visitor))
            deeds.editor = editor
            with sample_side:
                deeds.sample = Sample(visitor, deeds.try_it, letter)
            if manages:
                with editor_side, block("cz-row"):
                    plain_button(t("Save"), deeds.save, main=True).mark("save-mapping")
                    deeds.said()


class _Deeds:
    editor: MappingEditor
    sample: Sample

    def __init__(self, designer: Designer, visitor: Visitor, found: KnownSource) -> None:
        self._designer, self._visitor, self._found = designer, visitor, found

    def about(self, waiting: int) -> None:
        t, found, formats = self._visitor.t, self._found, self._visitor.formats
        address = f"{self._designer.runtime.public_url}/hooks/in/{found.name}"
        signed = t(SIGNATURES.get(found.signature, found.signature))
        used = formats.moment(found.last_used_at) if found.last_used_at else t("not used yet")
        until = found.previous_until
        still = until is not None and until > self._designer.now()
        with card():
            facts(
                [
                    (t("Address it reports to"), address),
                    (t("How it signs"), signed),
                    (t("Header of the signature"), found.signature_header or ""),
                    (t("Last used"), used),
                    (t("Old secret until"), formats.moment(until) if until and still else ""),
                    (t("State"), t("Active") if found.active else t("Paused")),
                ]
            )
        if waiting:
            with block("cz-notice is-warn").props("role=status"):
                icon("report")
                words(
                    self._visitor.t.n(
                        "{count} document was refused and waits.",
                        "{count} documents were refused and wait.",
                        waiting,
                    )
                )
                anchor(f"/dead-letters?source=hook:{found.name}", t("Look at them"))

    def buttons(self, *, removes: bool) -> None:
        t, name = self._visitor.t, self._found.name
        asking_button(
            t,
            "autorenew",
            t("New secret"),
            t("Make a new secret for “{source}”?", source=name),
            t("The present one is accepted for one more day, so that nothing is lost meanwhile."),
            self._rotate,
        )
        if self._found.active:
            question = t("Pause “{source}”?", source=name)
            text = t("It is answered as if it did not exist. Its sender may try again, or give up.")
            asking_button(t, "pause", t("Pause"), question, text, lambda: self._set(active=False))
        else:
            question = t("Resume “{source}”?", source=name)
            text = t("What it reports is taken again.")
            asking_button(
                t, "play_arrow", t("Resume"), question, text, lambda: self._set(active=True)
            )
        if removes:
            asking_button(
                t,
                "delete",
                t("Remove"),
                t("Remove “{source}”?", source=name),
                t("Nothing more is taken from it. What it reported stays."),
                self._remove,
            )

    def said(self) -> None:
        self._saved = words("", "cz-good").props("role=status")

    async def save(self) -> None:
        self._saved.set_text("")
        try:
            actor = await self._designer.actor(self._visitor.token)
            async with self._designer.transaction() as session:
                await set_mapping(session, actor, self._found.name, self.editor.as_json())
        except NotSignedIn:
            ask_to_sign_in()
        except Refused as refused:
            self.editor.tell(refused.problems)
        except CadenzaError as error:
            self.editor.tell([Problem("", error.code, refusal_words(error, self._visitor.t))])
        else:
            self.editor.tell([])
            self._saved.set_text(self._visitor.t("Saved"))

    async def try_it(self, text: str) -> None:
        try:
            actor = await self._designer.actor(self._visitor.token)
            async with self._designer.transaction() as session:
                tried = await try_mapping(
                    session, actor, self.editor.as_json(), text, self._designer.now()
                )
        except NotSignedIn:
            ask_to_sign_in()
        except Refused as refused:
            at_lines = [one for one in refused.problems if one.place.startswith("/mapping")]
            rest = [str(one) for one in refused.problems if one not in at_lines]
            self.editor.tell(at_lines)
            if at_lines:
                rest.append(self._visitor.t("Mend the mapping first: what is wrong stands there."))
            self.sample.refuse(rest or [refusal_words(refused, self._visitor.t)])
        except CadenzaError as error:
            self.sample.refuse([refusal_words(error, self._visitor.t)])
        else:
            self.editor.tell([])
            self.sample.show(tried)

    async def _rotate(self) -> None:
        actor, t = await self._designer.actor(self._visitor.token), self._visitor.t
        async with self._designer.transaction() as session:
            made = await rotate_source(
                session,
                actor,
                self._designer.runtime.secrets,
                self._found.name,
                self._designer.now(),
            )
        title = t("The secret of “{source}”", source=made.name)
        text = t("Give it to the other system within a day.")
        show_once(t, title, text, made.secret, then=f"/sources/hooks/{made.name}")

    async def _set(self, *, active: bool) -> None:
        actor = await self._designer.actor(self._visitor.token)
        async with self._designer.transaction() as session:
            await set_active(session, actor, self._found.name, active)
        ui.navigate.to(f"/sources/hooks/{self._found.name}")

    async def _remove(self) -> None:
        actor = await self._designer.actor(self._visitor.token)
        async with self._designer.transaction() as session:
            await remove_source(session, actor, self._found.name)
        ui.navigate.to(_ROOM)


def _fields(custom: Sequence[DefinedField], visitor: Visitor) -> dict[str, str]:
    """Names as rules know them; what people added has a name of its own."""
    chinese = visitor.t.short == "zh"
    own = {
        f"custom.{one.key}": (one.label_zh if chinese and one.label_zh else one.label)
        for one in custom
    }
    plain = {name: name for name in CONTACT_FIELDS if name not in ("external_id", "email")}
    return plain | own
