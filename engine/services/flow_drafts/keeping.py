"""Writing one change of a draft: its drawing, its text, its place in the line of undo."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import flow_drafts as rows
from crm_store.flows import flow_named
from crm_store.models import Flow as FlowRecord
from crm_store.models import FlowDraft
from engine.errors import NotFound
from engine.flows.editing import FlowDocument, from_stored, touched
from engine.services import audit
from engine.services.actor import Actor
from engine.services.flow_drafts.opening import drawn
from engine.services.flow_drafts.texts import hash_of, text_of
from engine.steps import STEP_KINDS

# Drawing is many small changes: they are one line of the audit trail until somebody else draws, or
# nothing happened for so long. Every single one is in the draft's own steps.
ONE_SITTING: Final = timedelta(minutes=15)


async def held(
    session: AsyncSession, name: str, now: datetime
) -> tuple[FlowRecord, FlowDraft, FlowDocument]:
    """The draft, which nobody else changes until the transaction ends, and its drawing.

    What a file brought since the last drawing becomes a step of the line of undo first.
    """
    record = await flow_named(session, name, lock=True)
    if record is None:
        raise NotFound(f'There is no flow "{name}" any more.')
    await session.refresh(record)
    draft = await rows.draft_of(session, record.id)
    document = drawn(record, draft)
    if draft is None:
        return record, await _first(session, record, document, now), document
    if draft.revision != record.draft_revision:
        before = from_stored(draft.document, STEP_KINDS)
        draft.base_source, draft.base_hash = record.draft_source, hash_of(document)
        draft.revision = record.draft_revision
        await _step(session, draft, before, document, None, now)
    return record, draft, document


async def _first(
    session: AsyncSession, record: FlowRecord, document: FlowDocument, now: datetime
) -> FlowDraft:
    published = await rows.published_source(session, record.id)
    draft = FlowDraft(
        flow_id=record.id,
        document=document.stored(STEP_KINDS),
        revision=record.draft_revision,
        position=0,
        base_source=record.draft_source,
        base_hash=hash_of(document),
        base_version=published.id if published else None,
        updated_by=None,
        updated_at=now,
    )
    session.add(draft)
    await session.flush()
    await rows.add_step(session, draft, document=draft.document, touched=(), by=None, now=now)
    return draft


async def keep(
    session: AsyncSession,
    actor: Actor,
    record: FlowRecord,
    draft: FlowDraft,
    before: FlowDocument,
    after: FlowDocument,
    now: datetime,
    *,
    source: str | None = None,
    batch: str | None = None,
) -> None:
    """`after` is the draft now, and one step of undo. `source` is its text where somebody wrote
    one; it keeps its comments as long as the drawing comes back to it."""
    if source is not None:
        draft.base_source, draft.base_hash = source, hash_of(after)
    await _written(session, actor, record, draft, after, now, like=before)
    await _step(session, draft, before, after, by_of(actor), now, batch)


async def keep_at(
    session: AsyncSession,
    actor: Actor,
    record: FlowRecord,
    draft: FlowDraft,
    before: FlowDocument,
    after: FlowDocument,
    position: int,
    now: datetime,
    batch: str | None,
) -> None:
    """`after` is the draft now, and stands in the line of undo already."""
    await _written(session, actor, record, draft, after, now, like=before)
    draft.position, draft.document = position, after.stored(STEP_KINDS)
    await rows.add_step(
        session,
        draft,
        document=None,
        touched=touched(before, after),
        by=by_of(actor),
        now=now,
        batch=batch,
    )


async def _written(
    session: AsyncSession,
    actor: Actor,
    record: FlowRecord,
    draft: FlowDraft,
    after: FlowDocument,
    now: datetime,
    *,
    like: FlowDocument,
) -> None:
    digest = hash_of(after)
    if digest == draft.base_hash:
        record.draft_source = draft.base_source
    elif digest != hash_of(like):
        record.draft_source = text_of(after)
    label = after.head.get("label")
    record.label = label if isinstance(label, str) and label.strip() else record.name
    record.draft_revision += 1
    is_new_sitting = draft.updated_by != by_of(actor) or now - draft.updated_at > ONE_SITTING
    draft.revision, draft.updated_by, draft.updated_at = record.draft_revision, by_of(actor), now
    if is_new_sitting:
        revision = {"revision": record.draft_revision}
        await audit.record(session, actor, "save_draft", "flow", record.id, after=revision)


async def _step(
    session: AsyncSession,
    draft: FlowDraft,
    before: FlowDocument,
    after: FlowDocument,
    by: int | None,
    now: datetime,
    batch: str | None = None,
) -> None:
    await rows.forget_undone(session, draft.flow_id, draft.position)
    draft.position += 1
    draft.document = after.stored(STEP_KINDS)
    await rows.add_step(
        session,
        draft,
        document=draft.document,
        touched=touched(before, after),
        by=by,
        now=now,
        batch=batch,
    )
    await rows.forget_old(session, draft)


def by_of(actor: Actor) -> int | None:
    return actor.id if actor.kind == "user" else None
