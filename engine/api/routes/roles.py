"""`/api/roles`: what each may do, to whose records, and what it is not shown."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.if_match import IfMatch, quoted, tag_in
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.shapes import access as shapes
from engine.services.actor import SENSITIVE, Actor, allowed
from engine.services.roles.asked import GROUPS
from engine.services.roles.keeping import (
    KnownRole,
    change_role,
    list_roles,
    make_role,
    remove_role,
    show_role,
)
from engine.services.roles.spelling import document_of, takes_scope

Key = Annotated[str, Path(pattern=r"^[a-z0-9_]{1,60}$", description="The role's key.")]
_MADE: Final[dict[int | str, dict[str, Any]]] = {
    201: {"model": shapes.RoleShown, "description": "Made"}
}


def roles_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api", tags=["roles"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get("/permissions", operation_id="list_permissions", responses=refusals())
    async def permissions(caller: Calling) -> shapes.Permissions:
        """Everything that a role can allow or hide."""
        allowed(caller.actor, "read", "team")
        return shapes.Permissions(
            items=[
                shapes.PermissionShown(
                    kind=kind,
                    group=group,
                    verbs=list(verbs),
                    by_owner=[verb for verb in verbs if takes_scope(verb, kind)],
                )
                for group, kinds in GROUPS.items()
                for kind, verbs in kinds.items()
            ],
            hideable=list(SENSITIVE),
        )

    @router.get("/roles", operation_id="list_roles", responses=refusals())
    async def list_(caller: Calling, limit: Limit = 50, cursor: Cursor = None) -> shapes.RolePage:
        """All roles by key, those that come with Cadenza too."""
        after = "" if cursor is None else str(read_cursor(cursor, str)[0])
        async with parts.store.transaction() as session:
            found = await list_roles(session, caller.actor)
        rest = sorted((one for one in found if one.key > after), key=lambda one: one.key)
        return shapes.RolePage(
            items=[_shown(one) for one in rest[:limit]],
            next=cursor_of(rest[limit - 1].key) if len(rest) > limit else None,
        )

    @router.post(
        "/roles",
        operation_id="create_role",
        status_code=201,
        response_model=shapes.RoleShown,
        responses=refusals(409) | _MADE,
    )
    async def create(given: shapes.RoleGiven, caller: Calling) -> Response:
        """Make a role. It allows no more than the key and its person may do themselves."""
        async with parts.store.transaction() as session:
            key = await make_role(session, caller.actor, **given.model_dump())
            return await _answer(session, caller.actor, key, made=True)

    @router.get(
        "/roles/{key}",
        operation_id="get_role",
        response_model=shapes.RoleShown,
        responses=refusals(404),
    )
    async def get(key: Key, caller: Calling) -> Response:
        """One role, with an ETag."""
        async with parts.store.transaction() as session:
            return await _answer(session, caller.actor, key)

    @router.put(
        "/roles/{key}",
        operation_id="put_role",
        response_model=shapes.RoleShown,
        responses=refusals(404, 409, 412, 428),
    )
    async def put(
        key: Key, given: shapes.RoleGiven, caller: Calling, if_match: IfMatch = None
    ) -> Response:
        """Replace a role. Those who have it may do what it says within seconds."""
        revision = _revision(tag_in(if_match))
        async with parts.store.transaction() as session:
            await change_role(session, caller.actor, key, revision=revision, **given.model_dump())
            return await _answer(session, caller.actor, key)

    @router.delete(
        "/roles/{key}", operation_id="delete_role", status_code=204, responses=refusals(404, 409)
    )
    async def delete(key: Key, caller: Calling) -> None:
        """Remove a role that nobody has."""
        async with parts.store.transaction() as session:
            await remove_role(session, caller.actor, key)

    return router


async def _answer(session: AsyncSession, actor: Actor, key: str, *, made: bool = False) -> Response:
    role = await show_role(session, actor, key)
    place = {"Location": f"/api/roles/{role.key}"} if made else {}
    return Response(
        _shown(role).model_dump_json(),
        201 if made else 200,
        {"ETag": quoted(str(role.revision)), **place},
        "application/json",
    )


def _shown(role: KnownRole) -> shapes.RoleShown:
    document = document_of(role.grants)
    return shapes.RoleShown(
        key=role.key,
        label=role.label,
        description=role.description,
        shipped=role.shipped,
        allow=document["allow"],
        hidden=document["hidden"],
        people=role.people,
        revision=role.revision,
    )


def _revision(tag: str) -> int | None:
    """None takes whatever is there; a tag that is none of ours fits no revision."""
    if tag == "*":
        return None
    return int(tag) if tag.isascii() and tag.isdigit() and len(tag) < 16 else 0
