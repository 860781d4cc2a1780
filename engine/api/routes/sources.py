"""`/api/sources`: systems that report by webhook, how their documents are read, and a trial."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import orjson
from fastapi import APIRouter, Path
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.if_match import IfMatch, quoted, tag_in
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.shapes import sources as shapes
from engine.api.shapes.common import ProblemItem
from engine.services import hooks as service
from engine.services.actor import Actor
from engine.services.hooks import KnownSource, NewSource, TriedDocument
from engine.services.secrets import SecretBox

Name = Annotated[str, Path(pattern=shapes.NAME)]


def sources_router(parts: Parts, box: SecretBox) -> APIRouter:
    router = APIRouter(
        prefix="/api/sources", tags=["sources"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    def address(name: str) -> str:
        return f"{parts.public_url}/hooks/in/{name}"

    def shown(known: KnownSource) -> shapes.SourceShown:
        return shapes.SourceShown(
            **{
                name: getattr(known, name)
                for name in ("name", "signature", "signature_header", "active", "created_at")
            },
            address=address(known.name),
            mapping=known.mapping.as_json(),
            last_used_at=known.last_used_at,
            previous_until=known.previous_until,
        )

    def secret(made: NewSource) -> shapes.SourceSecret:
        return shapes.SourceSecret(name=made.name, address=address(made.name), secret=made.secret)

    async def answer(session: AsyncSession, actor: Actor, name: str) -> Response:
        known = await service.read_source(session, actor, name)
        return Response(
            shown(known).model_dump_json(),
            headers={"ETag": quoted(known.tag)},
            media_type="application/json",
        )

    @router.get("", operation_id="list_sources", responses=refusals())
    async def list_(caller: Calling, limit: Limit = 50, cursor: Cursor = None) -> shapes.SourcePage:
        """All sources of webhooks by name."""
        after = "" if cursor is None else str(read_cursor(cursor, str)[0])
        async with parts.store.transaction() as session:
            found = await service.list_sources(session, caller.actor)
        rest = sorted((one for one in found if one.name > after), key=lambda one: one.name)
        return shapes.SourcePage(
            items=[shown(one) for one in rest[:limit]],
            next=cursor_of(rest[limit - 1].name) if len(rest) > limit else None,
        )

    @router.post("", operation_id="create_source", status_code=201, responses=refusals(409))
    async def create(given: shapes.SourceGiven, caller: Calling) -> shapes.SourceSecret:
        """Let another system report; its secret is shown this once."""
        async with parts.store.transaction() as session:
            made = await service.add_source(
                *(session, caller.actor, box, given.name),
                mapping=given.mapping,
                secret=given.secret,
                signature=given.signature,
                signature_header=given.signature_header,
                now=parts.now(),
            )
        return secret(made)

    @router.post("/try", operation_id="try_mapping", responses=refusals())
    async def try_(given: shapes.Trying, caller: Calling) -> shapes.TriedMapping:
        """What a document would become: event, contact, fields, and what is wrong. Nothing is
        written."""
        sample = orjson.dumps(given.sample).decode()
        async with parts.store.transaction() as session:
            tried = await service.try_mapping(
                session, caller.actor, given.mapping, sample, parts.now()
            )
        documents = [_tried(one) for one in tried.documents]
        return shapes.TriedMapping(count=tried.count, documents=documents)

    @router.get(
        "/{name}",
        operation_id="get_source",
        response_model=shapes.SourceShown,
        responses=refusals(404),
    )
    async def get(name: Name, caller: Calling) -> Response:
        """One source; its ETag stands for its mapping."""
        async with parts.store.transaction() as session:
            return await answer(session, caller.actor, name)

    @router.put(
        "/{name}/mapping",
        operation_id="set_mapping",
        response_model=shapes.SourceShown,
        responses=refusals(404, 412, 428),
    )
    async def set_mapping(
        name: Name, given: shapes.MappingGiven, caller: Calling, if_match: IfMatch = None
    ) -> Response:
        """Read its documents so from now on."""
        tag = tag_in(if_match)
        async with parts.store.transaction() as session:
            await service.set_mapping(session, caller.actor, name, given.mapping, seen=tag)
            return await answer(session, caller.actor, name)

    @router.post("/{name}/rotate", operation_id="rotate_source_secret", responses=refusals(404))
    async def rotate(
        name: Name, given: shapes.SourceRotation, caller: Calling
    ) -> shapes.SourceSecret:
        """A new secret, shown this once; the present one is accepted for a while."""
        async with parts.store.transaction() as session:
            made = await service.rotate_source(
                *(session, caller.actor, box, name, parts.now()),
                overlap=timedelta(hours=given.overlap_hours),
                secret=given.secret,
            )
        return secret(made)

    @router.post(
        "/{name}/pause",
        operation_id="pause_source",
        response_model=shapes.SourceShown,
        responses=refusals(404),
    )
    async def pause(name: Name, caller: Calling) -> Response:
        """It is answered as if it did not exist."""
        async with parts.store.transaction() as session:
            await service.set_active(session, caller.actor, name, False)
            return await answer(session, caller.actor, name)

    @router.post(
        "/{name}/resume",
        operation_id="resume_source",
        response_model=shapes.SourceShown,
        responses=refusals(404),
    )
    async def resume(name: Name, caller: Calling) -> Response:
        """What it reports is taken again."""
        async with parts.store.transaction() as session:
            await service.set_active(session, caller.actor, name, True)
            return await answer(session, caller.actor, name)

    @router.delete(
        "/{name}",
        operation_id="delete_source",
        status_code=204,
        responses=refusals(404, 412, 428),
    )
    async def delete(name: Name, caller: Calling, if_match: IfMatch = None) -> None:
        """Nothing more is taken from it. What it reported stays."""
        tag = tag_in(if_match)
        async with parts.store.transaction() as session:
            await service.remove_source(session, caller.actor, name, seen=tag)

    return router


def _tried(one: TriedDocument) -> shapes.TriedShown:
    return shapes.TriedShown(
        event=one.event,
        occurred_at=one.occurred_at,
        contact=dict(one.contact),
        contact_id=one.contact_id,
        fields=dict(one.fields),
        properties=dict(one.properties),
        # their places lead into the document, not into what was sent here
        problems=[
            ProblemItem(place=found.place, code=found.code, message=found.message)
            for found in one.problems
        ],
    )
