"""Addresses and domains that nothing is sent to."""

from __future__ import annotations

from starlette.requests import Request

from designer.page import page
from designer.runtime import Designer
from designer.shell import frame
from designer.system.suppression import PATH, SuppressionList
from designer.visitor import current
from engine.services.actor import allowed


def register(designer: Designer) -> None:
    @page(PATH)
    async def suppression(request: Request) -> None:
        visitor = current()
        allowed(visitor.somebody, "read", "contact")
        search = request.query_params.get("q", "")[:200]
        with frame(PATH, visitor.t("Not written to"), styles=("system.css",)) as actions:
            await SuppressionList(designer, visitor, search).build(actions)
