"""Who changed what."""

from __future__ import annotations

from starlette.requests import Request

from designer.audit.rooms import LONGEST, TEXTS, Asked, AuditRoom, RowRoom
from designer.audit.wordings import DOORS, ROOM, SPANS
from designer.page import page
from designer.runtime import Designer
from designer.visitor import current
from engine.services.actor import allowed


def register(designer: Designer) -> None:
    @page(ROOM)
    async def audit(request: Request) -> None:
        visitor = current()
        allowed(visitor.somebody, "read", "audit")
        await AuditRoom(designer, visitor, _asked(request)).build()

    @page(f"{ROOM}/{{audit_id}}")
    async def row(audit_id: int) -> None:
        visitor = current()
        allowed(visitor.somebody, "read", "audit")
        await RowRoom(designer, visitor, audit_id).build()


def _asked(request: Request) -> Asked:
    """What cannot be searched for is left out."""
    given = request.query_params
    texts = {
        name: text
        for name in TEXTS
        if (text := given.get(name, "").replace("\0", "")[:LONGEST])
        and (name != "door" or text in DOORS)
    }
    span = given.get("span", "month")
    return Asked(
        texts,
        span if span in SPANS else "month",
        given.get("before", "")[:40],
        given.get("after", "")[:40],
    )
