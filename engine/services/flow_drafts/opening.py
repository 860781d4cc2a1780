"""A draft as it is opened: the drawing, its text, and who changed it last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import flow_drafts as rows
from crm_store.flows import flow_named
from crm_store.models import Flow as FlowRecord
from crm_store.models import FlowDraft
from engine.errors import NotFound
from engine.flows.editing import FlowDocument, from_stored
from engine.services.actor import Actor, allowed
from engine.services.flow_drafts.texts import document_of, hash_of, hash_of_text
from engine.steps import STEP_KINDS


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """`published` is the number of the version in force, None before the first; `differs` whether
    the drawing says something else. `changed_by` is None where nobody drew yet."""

    name: str
    label: str
    state: str
    document: FlowDocument
    source: str
    revision: int
    published: int | None
    differs: bool
    may_undo: bool
    may_redo: bool
    changed_by: str | None
    changed_at: datetime | None


async def open_draft(session: AsyncSession, actor: Actor, name: str) -> OpenDraft:
    """Look only: nothing is stored. Raises NotFound, and Conflict where the draft's text is no
    document at all."""
    allowed(actor, "read", "flow")
    record = await flow_named(session, name)
    if record is None:
        raise NotFound(f'There is no flow "{name}".')
    return await opened(session, record)


async def opened(session: AsyncSession, record: FlowRecord) -> OpenDraft:
    draft = await rows.draft_of(session, record.id)
    document = drawn(record, draft)
    published = await rows.published_source(session, record.id)
    first, last = await rows.ends_of_undo(session, record.id) if draft else (0, 0)
    position = draft.position if draft else 0
    is_same = published is not None and (
        published.source == record.draft_source
        or hash_of_text(published.source, record.name) == hash_of(document)
    )
    return OpenDraft(
        name=record.name,
        label=record.label,
        state=record.state,
        document=document,
        source=record.draft_source,
        revision=record.draft_revision,
        published=published.number if published else None,
        differs=not is_same,
        may_undo=position > first,
        may_redo=position < last,
        changed_by=await rows.person_called(session, draft.updated_by) if draft else None,
        changed_at=draft.updated_at if draft else None,
    )


def drawn(record: FlowRecord, draft: FlowDraft | None) -> FlowDocument:
    """The drawing of now. A file that was saved since the last drawing wins; notes and places
    stay."""
    before = from_stored(draft.document, STEP_KINDS) if draft else None
    if draft is not None and before is not None and draft.revision == record.draft_revision:
        return before
    return document_of(record.draft_source, record.name, like=before)


async def newest_revision(session: AsyncSession, actor: Actor, name: str) -> int:
    """Small enough to ask again and again while somebody draws."""
    allowed(actor, "read", "flow")
    found = await rows.revision_of(session, name)
    if found is None:
        raise NotFound(f'There is no flow "{name}" any more.')
    return found
