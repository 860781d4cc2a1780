"""`/api/forms`: forms that anybody may send, and what was sent with them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.if_match import IfMatch, quoted, tag_in
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.shapes import forms as shapes
from engine.services import forms as service
from engine.services.actor import Actor
from engine.services.forms import KnownForm
from engine.services.views.grids.asking import LONGEST_PAGE, within

Name = Annotated[str, Path(pattern=shapes.NAME)]


def forms_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/forms", tags=["forms"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    def shown(known: KnownForm) -> shapes.FormShown:
        return shapes.FormShown(
            name=known.name,
            address=f"{parts.public_url}/f/{known.name}",
            active=known.active,
            created_at=known.created_at,
            last_used_at=known.last_used_at,
            **known.form.as_json(),
        )

    async def answer(session: AsyncSession, actor: Actor, name: str, status: int = 200) -> Response:
        known = await service.read_form(session, actor, name)
        return Response(
            shown(known).model_dump_json(),
            status,
            {"ETag": quoted(known.tag)},
            media_type="application/json",
        )

    @router.get("", operation_id="list_forms", responses=refusals())
    async def list_(caller: Calling, limit: Limit = 50, cursor: Cursor = None) -> shapes.FormPage:
        """All forms by name."""
        after = "" if cursor is None else str(read_cursor(cursor, str)[0])
        async with parts.store.transaction() as session:
            found = await service.list_forms(session, caller.actor)
        rest = [one for one in found if one.name > after]
        return shapes.FormPage(
            items=[shown(one) for one in rest[:limit]],
            next=cursor_of(rest[limit - 1].name) if len(rest) > limit else None,
        )

    @router.post(
        "",
        operation_id="create_form",
        status_code=201,
        response_model=shapes.FormShown,
        responses=refusals(409),
    )
    async def create(given: shapes.NewForm, caller: Calling) -> Response:
        """Make a form; it is there at once unless `active` is false."""
        document = given.model_dump(exclude={"name", "active"})
        async with parts.store.transaction() as session:
            await service.add_form(
                session, caller.actor, given.name, document, parts.now(), active=given.active
            )
            made = await answer(session, caller.actor, given.name, 201)
        made.headers["Location"] = f"/api/forms/{given.name}"
        return made

    @router.get(
        "/{name}",
        operation_id="get_form",
        response_model=shapes.FormShown,
        responses=refusals(404),
    )
    async def get(name: Name, caller: Calling) -> Response:
        """One form; its ETag stands for everything but whether it is active."""
        async with parts.store.transaction() as session:
            return await answer(session, caller.actor, name)

    @router.put(
        "/{name}",
        operation_id="change_form",
        response_model=shapes.FormShown,
        responses=refusals(404, 412, 428),
    )
    async def change(
        name: Name, given: shapes.FormGiven, caller: Calling, if_match: IfMatch = None
    ) -> Response:
        """Replace the whole of it. Whoever has the page open may still send what it asked."""
        tag = tag_in(if_match)
        async with parts.store.transaction() as session:
            await service.change_form(
                session, caller.actor, name, given.model_dump(), parts.now(), seen=tag
            )
            return await answer(session, caller.actor, name)

    @router.delete(
        "/{name}",
        operation_id="delete_form",
        status_code=204,
        responses=refusals(404, 412, 428),
    )
    async def delete(name: Name, caller: Calling, if_match: IfMatch = None) -> None:
        """It cannot be sent any more. What was sent stays."""
        tag = tag_in(if_match)
        async with parts.store.transaction() as session:
            await service.remove_form(session, caller.actor, name, seen=tag)

    @router.post(
        "/{name}/pause",
        operation_id="pause_form",
        response_model=shapes.FormShown,
        responses=refusals(404),
    )
    async def pause(name: Name, caller: Calling) -> Response:
        """Whoever opens or sends it is told that it is not there any more."""
        async with parts.store.transaction() as session:
            await service.set_form_active(session, caller.actor, name, False)
            return await answer(session, caller.actor, name)

    @router.post(
        "/{name}/resume",
        operation_id="resume_form",
        response_model=shapes.FormShown,
        responses=refusals(404),
    )
    async def resume(name: Name, caller: Calling) -> Response:
        """From now on it can be opened and sent."""
        async with parts.store.transaction() as session:
            await service.set_form_active(session, caller.actor, name, True)
            return await answer(session, caller.actor, name)

    @router.get(
        "/{name}/submissions", operation_id="list_form_submissions", responses=refusals(404)
    )
    async def submissions(
        name: Name, caller: Calling, limit: Limit = 50, cursor: Cursor = None
    ) -> shapes.SubmissionPage:
        """What was sent with it, the newest first. Takes that one may read events and contacts."""
        before = None if cursor is None else int(read_cursor(cursor, int)[0])
        async with parts.store.transaction() as session, within(session, LONGEST_PAGE):
            found = await service.list_submissions(
                session, caller.actor, name, before=before, limit=limit + 1
            )
        return shapes.SubmissionPage(
            items=[shapes.SubmissionShown.model_validate(one) for one in found[:limit]],
            next=cursor_of(found[limit - 1].id) if len(found) > limit else None,
        )

    return router
