"""The text of a flow that is to be tried: its draft, or what is published."""

from __future__ import annotations

from typing import Literal, TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.flows import flow_named, version_source
from engine.errors import NotFound
from engine.services.actor import Actor, allowed

Which: TypeAlias = Literal["draft", "published"]


async def source_named(session: AsyncSession, actor: Actor, name: str, which: Which) -> str:
    """Raises NotFound for an unknown flow, or one without a published version."""
    allowed(actor, "read", "flow")
    record = await flow_named(session, name)
    if record is None:
        raise NotFound(f'There is no flow "{name}".')
    if which == "draft":
        return record.draft_source
    version_id = record.published_version_id
    if version_id is None:
        raise NotFound(f'The flow "{name}" has no published version yet. Try its draft.')
    return await version_source(session, version_id)
