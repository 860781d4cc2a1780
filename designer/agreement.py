"""Asking a chain to agree to what is to be published, where it is refused until they have."""

from __future__ import annotations

from designer.runtime import Designer
from designer.visitor import Visitor
from engine.definitions import Draft
from engine.services.actor import may
from engine.services.approvals.publishing import ask_to_publish
from engine.services.approvals.reading import Request, read_request
from engine.services.work import working


async def ask_for_agreement(
    designer: Designer, visitor: Visitor, kind: str, name: str, draft: Draft | None = None
) -> str:
    """Whom it waits for now, in words; "" for those who may not know. What was asked already is
    asked once. Of a flow its draft is meant, of a definition the one given. Raises as
    `ask_to_publish`."""
    runtime = designer.runtime
    actor = await designer.actor(visitor.token)
    async with working(runtime.store, runtime.shared, runtime.pokes, designer.now()) as work:
        request_id = await ask_to_publish(work, actor, kind, name, draft=draft)
    if not may(actor, "read", "approval"):
        return ""
    async with working(runtime.store, runtime.shared, runtime.pokes, designer.now()) as work:
        request, _ = await read_request(work, actor, request_id)
    return waits_for(request, visitor)


def waits_for(one: Request, visitor: Visitor) -> str:
    """The level of an open request, and those on it who have not decided."""
    t = visitor.t
    level = one.level.in_language(t.short)
    waits = [voice.holder for voice in one.voices if voice.vote is None]
    return t("{level}: waits for {who}", level=level, who=", ".join(waits)) if waits else level
