"""Bringing a draft back to what is published, or was once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import flow_drafts as rows
from engine.errors import Conflict
from engine.services.actor import Actor, allowed
from engine.services.flow_drafts.keeping import held, keep
from engine.services.flow_drafts.opening import OpenDraft, opened
from engine.services.flow_drafts.texts import document_of


async def restore(
    session: AsyncSession, actor: Actor, name: str, number: int | None = None, *, now: datetime
) -> OpenDraft:
    """The draft says what that version says, by default the one in force; undo takes it back. Notes
    and places of steps stay. Raises Conflict where there is no such version."""
    allowed(actor, "edit", "flow")
    record, draft, before = await held(session, name, now)
    version = await rows.published_source(session, record.id, number)
    if version is None:
        which = "published version" if number is None else f"version {number}"
        raise Conflict(f'Flow "{name}" has no {which} to go back to.')
    after = document_of(version.source, name, like=before)
    draft.base_version = version.id
    if replace(after, notes=before.notes, positions=before.positions) != before:
        await keep(session, actor, record, draft, before, after, now, source=version.source)
        await session.flush()
    return await opened(session, record)
