"""One pipeline: drawn, changed, tried against its rules, and put in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nicegui import ui
from starlette.requests import Request

from designer.asking import asking_button
from designer.definition_words import label_in
from designer.ladders.room import Begun
from designer.page import page
from designer.runtime import Designer
from designer.sales.pipeline_room import (
    STYLES,
    about_card,
    differences_card,
    draw_pipeline,
    versions_card,
)
from designer.sales.words import BOARD, PIPELINES
from designer.shell import frame
from designer.visitor import Visitor, current
from designer.widgets import block, button_link, notice
from engine.definitions import DefinitionKind, Draft, World, read_definition
from engine.definitions.diff import Difference, differences
from engine.errors import NotFound
from engine.runtime import templates_folder
from engine.services.actor import may
from engine.services.definitions.checking import world_for
from engine.services.definitions.publishing import publish_again, retire, source_of
from engine.services.definitions.ready import ready_definitions
from engine.services.definitions.seeing import DefinitionSeen, see_definition

KIND = DefinitionKind.PIPELINE


@dataclass(frozen=True, slots=True)
class _Found:
    """`seen` None: it is shipped and not published. `changes` leads from the version that is shown
    to the one in force."""

    seen: DefinitionSeen | None
    draft: Draft
    source: str
    number: int | None
    world: World
    changes: list[Difference]

    @property
    def is_old(self) -> bool:
        return self.seen is not None and self.number != self.seen.number


def register(designer: Designer) -> None:
    @page(f"{PIPELINES}/{{name}}")
    async def pipeline(name: str, request: Request) -> None:
        asked = request.query_params.get("version", "")
        number = int(asked) if asked.isdecimal() and len(asked) < 10 else None
        visitor = current()
        found = await _found(designer, visitor, name, number)
        as_text = request.query_params.get("view") == "text"
        t, seen = visitor.t, found.seen
        document: Mapping[str, Any] = found.draft.document
        title = label_in(t.short, found.draft.label, document)
        may_publish = may(visitor.somebody, "publish", KIND.value)
        with frame(PIPELINES, title, trail=[(PIPELINES, t("Pipelines"))], styles=STYLES) as actions:
            with actions:
                if seen is not None and may(visitor.somebody, "read", "deal"):
                    button_link(f"{BOARD}?pipeline={name}", t("Board"), "view_kanban")
                if seen is not None and may_publish:
                    _buttons(designer, visitor, found)
            with block("cz-stack"):
                _notices(found, visitor)
                begun = Begun(KIND, name, found.draft, found.source, seen.number if seen else None)
                draw_pipeline(
                    designer,
                    visitor,
                    begun,
                    found.world,
                    seen,
                    may_publish=may_publish,
                    as_text=as_text,
                )
                if seen is not None and found.is_old and found.number is not None:
                    differences_card(found.changes, found.number, seen.number, visitor)
                with block("cz-grid"):
                    about_card(seen, name, visitor)
                    if seen is not None:
                        versions_card(seen, visitor, found.number or seen.number)


async def _found(designer: Designer, visitor: Visitor, name: str, number: int | None) -> _Found:
    """What is published, else the shipped one of this name. Raises NotFound."""
    somebody = visitor.somebody
    async with designer.transaction() as session:
        world = await world_for(session, somebody, KIND)
        try:
            seen = await see_definition(session, somebody, KIND, name)
        except NotFound:
            for draft in ready_definitions(templates_folder()):
                if (draft.kind, draft.name) == (KIND, name):
                    return _Found(None, draft, draft.source, None, world, [])
            raise
        source = seen.source
        if number not in (None, seen.number):
            source = await source_of(session, somebody, KIND, name, number)
    draft = read_definition(source, f"{name}.yaml")
    changes = differences(draft.document, seen.document) if source != seen.source else []
    return _Found(seen, draft, source, number or seen.number, world, changes)


def _notices(found: _Found, visitor: Visitor) -> None:
    t, seen = visitor.t, found.seen
    if seen is None:
        notice(t("This one is shipped and not published yet. Fit it to your company first."))
    elif found.is_old:
        text = t(
            "This is version {number}; version {now} is in force.",
            number=found.number,
            now=seen.number,
        )
        notice(text, "warn")


def _buttons(designer: Designer, visitor: Visitor, found: _Found) -> None:
    t, seen = visitor.t, found.seen
    if seen is None:
        return
    name, number = seen.name, found.number or seen.number

    async def again() -> None:
        actor = await designer.actor(visitor.token)
        async with designer.transaction() as session:
            await publish_again(session, actor, KIND, name, number, now=designer.now())
        ui.navigate.to(f"{PIPELINES}/{name}")

    async def retired() -> None:
        actor = await designer.actor(visitor.token)
        async with designer.transaction() as session:
            await retire(session, actor, KIND, name, now=designer.now())
        ui.navigate.to(PIPELINES)

    if found.is_old or seen.state == "retired":
        asking_button(
            t,
            "restore",
            t("Put in force again"),
            t("Put this version in force again?"),
            t("What begins from now on goes by it; what has begun keeps its version."),
            again,
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
