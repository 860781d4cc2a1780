"""`/api/definitions`: how work is done, in versions."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.parts import Parts
from engine.api.places import item_of
from engine.api.rates import HeavyLine
from engine.api.shapes import definitions as shapes
from engine.api.shapes.common import ProblemItem
from engine.definitions import DefinitionKind, read_definition
from engine.services.definitions import list_definitions
from engine.services.definitions.checking import findings
from engine.services.definitions.publishing import (
    Published,
    publish,
    publish_again,
    retire,
    source_of,
)
from engine.services.definitions.seeing import see_definition

FILE: Final = "definition.yaml"
Name = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Number = Annotated[int, Path(ge=1, le=2**31)]
OfKind = Annotated[DefinitionKind | None, Query(description="Only of this kind.")]
_CHANGES: Final = refusals(404, 409)


def definitions_router(parts: Parts, heavy: HeavyLine) -> APIRouter:
    router = APIRouter(
        prefix="/api/definitions",
        tags=["definitions"],
        route_class=JsonRoute,
        dependencies=ASKS_FOR_KEY,
    )

    @router.get("", operation_id="list_definitions", responses=refusals())
    async def list_(caller: Calling, kind: OfKind = None) -> shapes.DefinitionList:
        """Definitions by kind and name, retired ones too; of the kinds the key may read."""
        async with parts.store.transaction() as session:
            found = await list_definitions(session, caller.actor, kind)
        items = [shapes.DefinitionLine.model_validate(one) for one in found]
        return shapes.DefinitionList(items=items)

    @router.post("/check", operation_id="check_definition", responses=refusals())
    async def check(given: shapes.SourceGiven, caller: Calling) -> shapes.DefinitionChecked:
        """Every mistake in a definition, as the company is now; the answer is 200 for a wrong one
        too. Nothing is kept."""
        async with heavy.turn(caller.key_id), parts.store.transaction() as session:
            found = await findings(session, caller.actor, given.source, FILE)
        draft = found.draft
        return shapes.DefinitionChecked(
            ok=not found.problems,
            kind=draft.kind.value if draft else None,
            name=draft.name if draft else None,
            problems=[ProblemItem.model_validate(item_of(one)) for one in found.problems],
            warnings=[ProblemItem.model_validate(item_of(one)) for one in found.warnings],
        )

    @router.post("/publish", operation_id="publish_definition", responses=refusals(409))
    async def publish_(given: shapes.PublishGiven, caller: Calling) -> shapes.PublishedShown:
        """Put a definition in force: what begins from now on goes by it, what has begun keeps its
        version. 409 `needs_approval`: a chain of approvals stands before it."""
        draft = read_definition(given.source, FILE)
        async with heavy.turn(caller.key_id), parts.store.transaction() as session:
            done = await publish(session, caller.actor, draft, note=given.note, now=parts.now())
        return _published(draft.kind, draft.name, done)

    @router.get("/{kind}/{name}", operation_id="get_definition", responses=refusals(404))
    async def get(kind: DefinitionKind, name: Name, caller: Calling) -> shapes.DefinitionShown:
        """The version in force, as it was published, and all versions newest first."""
        async with parts.store.transaction() as session:
            seen = await see_definition(session, caller.actor, kind, name)
        return shapes.DefinitionShown.model_validate(seen)

    @router.get(
        "/{kind}/{name}/versions/{number}",
        operation_id="get_definition_version",
        responses=refusals(404),
    )
    async def version(
        kind: DefinitionKind, name: Name, number: Number, caller: Calling
    ) -> shapes.SourceShown:
        """A published version, as it was written."""
        async with parts.store.transaction() as session:
            source = await source_of(session, caller.actor, kind, name, number)
        return shapes.SourceShown(number=number, source=source)

    @router.post(
        "/{kind}/{name}/versions/{number}/publish",
        operation_id="publish_definition_version",
        responses=_CHANGES,
    )
    async def again(
        kind: DefinitionKind, name: Name, number: Number, caller: Calling
    ) -> shapes.PublishedShown:
        """Put an older version in force again, if it still holds in the company as it is now."""
        async with heavy.turn(caller.key_id), parts.store.transaction() as session:
            done = await publish_again(session, caller.actor, kind, name, number, now=parts.now())
        return _published(kind, name, done)

    @router.post(
        "/{kind}/{name}/retire",
        operation_id="retire_definition",
        status_code=204,
        responses=_CHANGES,
    )
    async def retire_(kind: DefinitionKind, name: Name, caller: Calling) -> None:
        """Let nothing begin by it any more; what has begun goes on. Publishing brings it back."""
        async with parts.store.transaction() as session:
            await retire(session, caller.actor, kind, name, now=parts.now())

    return router


def _published(kind: DefinitionKind, name: str, done: Published) -> shapes.PublishedShown:
    return shapes.PublishedShown(
        kind=kind.value, name=name, number=done.number, hash=done.hash, changed=done.changed
    )
