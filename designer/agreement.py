"""Asking a chain to agree to what is to be published, where it is refused until they have."""

from __future__ import annotations

from designer.runtime import Designer
from designer.visitor import Visitor
from engine.definitions import Draft
from engine.services.approvals.publishing import ask_to_publish
from engine.services.work import working


async def ask_for_agreement(
    designer: Designer, visitor: Visitor, kind: str, name: str, draft: Draft | None = None
) -> None:
    """Of a flow its draft is meant, of a definition the one given. Raises as `ask_to_publish`."""
    runtime = designer.runtime
    actor = await designer.actor(visitor.token)
    async with working(runtime.store, runtime.shared, runtime.pokes, designer.now()) as work:
        await ask_to_publish(work, actor, kind, name, draft=draft)
