"""`/api/api-keys`: keys with which programs act for somebody."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.shapes import access as shapes
from engine.services.api_keys import (
    NewApiKey,
    create_api_key,
    list_api_keys,
    revoke_api_key,
    rotate_api_key,
)

Prefix = Annotated[str, Path(pattern=r"^cad_[0-9a-f]{12}$", description="How the key begins.")]


def api_keys_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/api-keys", tags=["api keys"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get("", operation_id="list_api_keys", responses=refusals())
    async def list_(caller: Calling, limit: Limit = 50, cursor: Cursor = None) -> shapes.ApiKeyPage:
        """All keys by their beginnings, those that ended too."""
        after = "" if cursor is None else str(read_cursor(cursor, str)[0])
        async with parts.store.transaction() as session:
            found = await list_api_keys(session, caller.actor)
        rest = sorted((one for one in found if one.prefix > after), key=lambda one: one.prefix)
        return shapes.ApiKeyPage(
            items=[shapes.ApiKeyShown.model_validate(one) for one in rest[:limit]],
            next=cursor_of(rest[limit - 1].prefix) if len(rest) > limit else None,
        )

    @router.post("", operation_id="create_api_key", status_code=201, responses=refusals(404))
    async def create(given: shapes.ApiKeyGiven, caller: Calling) -> shapes.ApiKeyMade:
        """Make a key for somebody who may do no more than this key. It is shown this once."""
        async with parts.store.transaction() as session:
            made = await create_api_key(
                session,
                caller.actor,
                name=given.name,
                for_user=given.for_user,
                scopes=given.scopes,
                now=parts.now(),
                lasts=None if given.days is None else timedelta(days=given.days),
            )
        return _made(made)

    @router.post("/{prefix}/rotate", operation_id="rotate_api_key", responses=refusals(404, 409))
    async def rotate(
        prefix: Prefix, given: shapes.ApiKeyRotation, caller: Calling
    ) -> shapes.ApiKeyMade:
        """A new secret, shown this once; the present one is accepted for a while."""
        overlap = timedelta(hours=given.overlap_hours)
        async with parts.store.transaction() as session:
            made = await rotate_api_key(session, caller.actor, prefix, parts.now(), overlap=overlap)
        return _made(made)

    @router.delete(
        "/{prefix}", operation_id="revoke_api_key", status_code=204, responses=refusals(404)
    )
    async def revoke(prefix: Prefix, caller: Calling) -> None:
        """Refuse a key from now on. Twice changes nothing."""
        async with parts.store.transaction() as session:
            await revoke_api_key(session, caller.actor, prefix, parts.now())

    return router


def _made(made: NewApiKey) -> shapes.ApiKeyMade:
    return shapes.ApiKeyMade(
        prefix=made.prefix, key=made.key, scopes=list(made.scopes), expires_at=made.expires_at
    )
