"""Drafts that are drawn, as rows: the drawing of now, the line of undo, and who changed what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Flow, FlowDraft, FlowDraftStep, FlowVersion, User

# Steps that undo can take back, and changes by which late operations are compared.
MOST_UNDO: Final = 200
MOST_CHANGES: Final = 600


class Change(NamedTuple):
    """`by` is None for Cadenza itself and for people who are gone."""

    revision: int
    by_id: int | None
    by: str | None
    at: datetime
    touched: tuple[str, ...]


class PublishedSource(NamedTuple):
    id: int
    number: int
    source: str


async def draft_of(session: AsyncSession, flow_id: int) -> FlowDraft | None:
    """As it is now, also when this transaction has seen it before."""
    return await session.get(FlowDraft, flow_id, populate_existing=True)


async def revision_of(session: AsyncSession, name: str) -> int | None:
    """The revision of a flow's draft by name; small enough to ask every second."""
    return await session.scalar(select(Flow.draft_revision).where(Flow.name == name))


async def add_step(
    session: AsyncSession,
    draft: FlowDraft,
    *,
    document: Mapping[str, Any] | None,
    touched: Collection[str],
    by: int | None,
    now: datetime,
    batch: str | None = None,
) -> None:
    """What was just done, at the draft's revision. With a document undo comes back to it: what was
    undone before cannot be redone any more."""
    session.add(
        FlowDraftStep(
            flow_id=draft.flow_id,
            revision=draft.revision,
            position=draft.position if document is not None else None,
            document=None if document is None else dict(document),
            touched=sorted(touched),
            batch=batch,
            changed_by=by,
            changed_at=now,
        )
    )
    await session.flush()


async def was_done(session: AsyncSession, flow_id: int, batch: str) -> bool:
    """Whether one of the last changes has this name."""
    found = await session.scalar(
        select(FlowDraftStep.revision)
        .where(FlowDraftStep.flow_id == flow_id, FlowDraftStep.batch == batch)
        .limit(1)
    )
    return found is not None


async def forget_undone(session: AsyncSession, flow_id: int, position: int) -> None:
    """Drop the places behind this one from the line of undo."""
    await session.execute(
        update(FlowDraftStep)
        .where(FlowDraftStep.flow_id == flow_id, FlowDraftStep.position > position)
        .values(position=None, document=None)
    )


async def forget_old(session: AsyncSession, draft: FlowDraft) -> None:
    mine = FlowDraftStep.flow_id == draft.flow_id
    await session.execute(
        update(FlowDraftStep)
        .where(mine, FlowDraftStep.position < draft.position - MOST_UNDO)
        .values(position=None, document=None)
    )
    await session.execute(
        delete(FlowDraftStep).where(
            mine,
            FlowDraftStep.position.is_(None),
            FlowDraftStep.revision < draft.revision - MOST_CHANGES,
        )
    )


async def document_at(
    session: AsyncSession, flow_id: int, position: int
) -> Mapping[str, Any] | None:
    """The drawing at a place in the line of undo."""
    return await session.scalar(
        select(FlowDraftStep.document).where(
            FlowDraftStep.flow_id == flow_id, FlowDraftStep.position == position
        )
    )


async def ends_of_undo(session: AsyncSession, flow_id: int) -> tuple[int, int]:
    """The first and the last place that undo and redo can reach; (0, 0) without any."""
    found = await session.execute(
        select(func.min(FlowDraftStep.position), func.max(FlowDraftStep.position)).where(
            FlowDraftStep.flow_id == flow_id
        )
    )
    first, last = found.one()
    return first or 0, last or 0


async def changes_since(session: AsyncSession, flow_id: int, revision: int) -> list[Change]:
    """Changes after this revision, in their order."""
    found = await session.execute(
        select(
            FlowDraftStep.revision,
            FlowDraftStep.changed_by,
            User.name,
            FlowDraftStep.changed_at,
            FlowDraftStep.touched,
        )
        .outerjoin(User, User.id == FlowDraftStep.changed_by)
        .where(FlowDraftStep.flow_id == flow_id, FlowDraftStep.revision > revision)
        .order_by(FlowDraftStep.revision)
    )
    return [Change(rev, by_id, by, at, tuple(touched)) for rev, by_id, by, at, touched in found]


async def person_called(session: AsyncSession, user_id: int | None) -> str | None:
    if user_id is None:
        return None
    return await session.scalar(select(User.name).where(User.id == user_id))


async def published_source(
    session: AsyncSession, flow_id: int, number: int | None = None
) -> PublishedSource | None:
    """What is published now, or one of the versions by its number."""
    wanted = select(FlowVersion.id, FlowVersion.number, FlowVersion.source).where(
        FlowVersion.flow_id == flow_id
    )
    if number is None:
        wanted = wanted.join(Flow, Flow.published_version_id == FlowVersion.id)
    else:
        wanted = wanted.where(FlowVersion.number == number)
    found = (await session.execute(wanted)).one_or_none()
    return None if found is None else PublishedSource(*found)


async def delete_flow(session: AsyncSession, flow_id: int) -> None:
    """A flow that nobody ever entered."""
    await session.execute(delete(Flow).where(Flow.id == flow_id))
