"""One definition: its text in the version in force or an older one, and all its versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nicegui import ui
from starlette.requests import Request

from designer.agreement import ask_for_agreement
from designer.asking import asking_button
from designer.definition_editor import DefinitionEditor
from designer.definition_words import KINDS, MANY, ROOM, STATES, address_of, kind_of, label_in
from designer.ladders.blanks import BLANKS
from designer.ladders.room import DRAWN, Begun, LadderRoom
from designer.page import page
from designer.runtime import Designer
from designer.shell import frame
from designer.terms import term, toned
from designer.visitor import Visitor, current
from designer.widgets import anchor, block, card, chip, facts, notice, words
from engine.definitions import DefinitionKind, Draft, read_definition
from engine.errors import NotFound
from engine.runtime import templates_folder
from engine.services.actor import allowed, may
from engine.services.definitions.checking import world_for
from engine.services.definitions.publishing import publish_again, retire, source_of
from engine.services.definitions.ready import ready_definitions
from engine.services.definitions.seeing import DefinitionSeen, see_definition

STYLES = ("ladders.css", "rule_builder.css")


def register(designer: Designer) -> None:
    @page(f"{ROOM}/new")
    async def new(request: Request) -> None:
        kind = kind_of(request.query_params.get("kind")) or DefinitionKind.PIPELINE
        await _new(designer, current(), kind, as_text=_as_text(request))

    @page(f"{ROOM}/{{kind}}/{{name}}")
    async def definition(kind: str, name: str, request: Request) -> None:
        wanted = kind_of(kind)
        if wanted is None:
            raise NotFound(f'There is no kind of definition "{kind[:60]}".')
        asked = request.query_params.get("version", "")
        number = int(asked) if asked.isdecimal() and len(asked) < 10 else None
        await _Room(designer, current(), wanted, name, number, _as_text(request)).build()


def _as_text(request: Request) -> bool:
    return request.query_params.get("view") == "text"


async def _new(
    designer: Designer, visitor: Visitor, kind: DefinitionKind, *, as_text: bool
) -> None:
    t = visitor.t
    allowed(visitor.somebody, "publish", kind.value)
    ready = [one for one in ready_definitions(templates_folder()) if one.kind is kind]
    title = t("New: {kind}", kind=term(KINDS, kind.value, t))
    trail = [(ROOM, t("Rules of work"))]
    start = BLANKS.get(kind, f"{kind.value}: my_{kind.value}\nlabel: \n")
    if kind not in DRAWN:
        with frame(ROOM, title, trail=trail), block("cz-letter"):
            with block("cz-stack"):
                DefinitionEditor(designer, visitor, start, f"{kind.value}.yaml", may_publish=True)
            _ready(ready, visitor)
        return
    async with designer.transaction() as session:
        world = await world_for(session, visitor.somebody, kind)
    with frame(ROOM, title, trail=trail, styles=STYLES), block("cz-stack"):
        _ready(ready, visitor)
        draft = read_definition(start, f"{kind.value}.yaml")
        begun = Begun(kind, draft.name, draft, start, None, new=True)
        LadderRoom(designer, visitor, begun, world, may_publish=True, as_text=as_text)


def _ready(ready: Sequence[Draft], visitor: Visitor) -> None:
    t = visitor.t
    if not ready:
        return
    with card(t("Begin with a ready one")), block("cz-pad cz-row"):
        for draft in ready:
            label = label_in(t.short, draft.label, draft.document)
            anchor(address_of(draft.kind.value, draft.name), label, "cz-find")


@dataclass(slots=True)
class _Room:
    designer: Designer
    visitor: Visitor
    kind: DefinitionKind
    name: str
    number: int | None
    as_text: bool = False

    async def build(self) -> None:
        visitor, t = self.visitor, self.visitor.t
        seen, draft, source = await self._found()
        document = seen.document if seen else draft.document if draft else {}
        label = seen.label if seen else draft.label if draft else self.name
        title = label_in(t.short, label, document)
        kinds = (f"{ROOM}?kind={self.kind.value}", t(MANY[self.kind]))
        may_publish = may(visitor.somebody, "publish", self.kind.value)
        trail = [(ROOM, t("Rules of work")), kinds]
        with frame(ROOM, title, trail=trail, styles=STYLES) as actions:
            if seen is not None and may_publish:
                with actions:
                    self._buttons(seen)
            if self.kind in DRAWN:
                await self._as_ladder(seen, draft, source, may_publish=may_publish)
                return
            with block("cz-letter"):
                with block("cz-stack"):
                    self._notices(seen)
                    file = f"{self.name}.yaml"
                    DefinitionEditor(self.designer, visitor, source, file, may_publish=may_publish)
                with block("cz-stack"):
                    self._about(seen)
                    if seen is not None:
                        self._versions(seen)

    async def _as_ladder(
        self, seen: DefinitionSeen | None, draft: Draft | None, source: str, *, may_publish: bool
    ) -> None:
        """The drawing in the whole width; what is said about it below."""
        file = f"{self.name}.yaml"
        async with self.designer.transaction() as session:
            world = await world_for(session, self.visitor.somebody, self.kind)
        drawn = draft or read_definition(source, file)
        number = seen.number if seen is not None else None
        begun = Begun(self.kind, self.name, drawn, source, number)
        with block("cz-stack"):
            self._notices(seen)
            LadderRoom(
                self.designer,
                self.visitor,
                begun,
                world,
                may_publish=may_publish,
                as_text=self.as_text,
            )
            with block("cz-grid"):
                self._about(seen)
                if seen is not None:
                    self._versions(seen)

    async def _found(self) -> tuple[DefinitionSeen | None, Draft | None, str]:
        """What is published, else the shipped one of this name, and the text that was asked for."""
        somebody = self.visitor.somebody
        async with self.designer.transaction() as session:
            try:
                seen = await see_definition(session, somebody, self.kind, self.name)
            except NotFound:
                for draft in ready_definitions(templates_folder()):
                    if (draft.kind, draft.name) == (self.kind, self.name):
                        return None, draft, draft.source
                raise
            if self.number in (None, seen.number):
                return seen, None, seen.source
            source = await source_of(session, somebody, self.kind, self.name, self.number)
            return seen, None, source

    def _notices(self, seen: DefinitionSeen | None) -> None:
        t = self.visitor.t
        if seen is None:
            notice(t("This one is shipped and not published yet. Fit it to your company first."))
        elif self.number not in (None, seen.number):
            text = t(
                "This is version {number}; version {now} is in force.",
                number=self.number,
                now=seen.number,
            )
            notice(text, "warn")

    def _about(self, seen: DefinitionSeen | None) -> None:
        t = self.visitor.t
        state, tone = toned(STATES, seen.state if seen else "ready", t)
        with card(t("About this definition")):
            with block("cz-pad cz-row"):
                chip(state, tone)
            facts(
                [
                    (t("Kind"), term(KINDS, self.kind.value, t)),
                    (t("Short name"), self.name),
                    (t("Version"), str(seen.number) if seen else ""),
                ]
            )

    def _versions(self, seen: DefinitionSeen) -> None:
        t, formats = self.visitor.t, self.visitor.formats
        here = address_of(self.kind.value, self.name)
        with card(t("Versions")) as place, block("cz-pad cz-stack cz-tight"):
            place.mark("versions")
            for one in seen.versions:
                with anchor(f"{here}?version={one.number}", classes="cz-find"):
                    with block("cz-row"):
                        words(f"v{one.number}", "cz-strong")
                        words(formats.moment(one.published_at), "cz-soft cz-small")
                        words(one.published_by or "", "cz-soft cz-small")
                        if one.is_current:
                            chip(t("In force"), "good")
                    words(one.note or "", "cz-soft cz-small")

    def _buttons(self, seen: DefinitionSeen) -> None:
        t, kind, name, number = self.visitor.t, self.kind, self.name, self.number
        here = address_of(kind.value, name)

        async def again() -> None:
            actor = await self.designer.actor(self.visitor.token)
            async with self.designer.transaction() as session:
                await publish_again(
                    session, actor, kind, name, number or seen.number, now=self.designer.now()
                )
            ui.navigate.to(here)

        async def ask() -> str:
            async with self.designer.transaction() as session:
                source = await source_of(
                    session, self.visitor.somebody, kind, name, number or seen.number
                )
            draft = read_definition(source, f"{name}.yaml")
            return await ask_for_agreement(self.designer, self.visitor, kind.value, name, draft)

        async def retired() -> None:
            actor = await self.designer.actor(self.visitor.token)
            async with self.designer.transaction() as session:
                await retire(session, actor, kind, name, now=self.designer.now())
            ui.navigate.to(here)

        if number not in (None, seen.number) or seen.state == "retired":
            asking_button(
                t,
                "restore",
                t("Put in force again"),
                t("Put this version in force again?"),
                t("What begins from now on goes by it; what has begun keeps its version."),
                again,
                ask=ask,
            )
        if seen.state == "active":
            asking_button(
                t,
                "archive",
                t("Retire"),
                t("Retire this definition?"),
                t("Nothing begins by it any more; what has begun goes on."),
                retired,
            )
