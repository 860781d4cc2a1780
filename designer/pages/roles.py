"""Roles: what each may see and do."""

from __future__ import annotations

from starlette.requests import Request

from designer.access.rooms_of_roles import all_roles, change, new, one_role
from designer.access.words import ROLES_AT
from designer.page import page
from designer.runtime import Designer
from designer.visitor import current
from engine.services.actor import allowed


def register(designer: Designer) -> None:
    @page(ROLES_AT)
    async def roles() -> None:
        await all_roles(designer, current())

    @page(f"{ROLES_AT}/new")
    async def new_role(request: Request) -> None:
        allowed(current().somebody, "manage", "user")
        await new(designer, current(), request.query_params.get("from"))

    @page(f"{ROLES_AT}/{{key}}")
    async def role(request: Request, key: str) -> None:
        if request.query_params.get("change"):
            allowed(current().somebody, "manage", "user")
            await change(designer, current(), key)
        else:
            await one_role(designer, current(), key)
