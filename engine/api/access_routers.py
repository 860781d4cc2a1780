"""The operations on who may come in and what they may do, as routers."""

from __future__ import annotations

from fastapi import APIRouter

from engine.api.parts import Parts
from engine.api.routes.api_keys import api_keys_router
from engine.api.routes.invitations import invitations_router
from engine.api.routes.roles import roles_router
from engine.api.routes.sessions import sessions_router
from engine.api.routes.ways_in import ways_in_router


def access_routers(parts: Parts) -> tuple[APIRouter, ...]:
    return (
        roles_router(parts),
        invitations_router(parts),
        ways_in_router(parts),
        sessions_router(parts),
        api_keys_router(parts),
    )
