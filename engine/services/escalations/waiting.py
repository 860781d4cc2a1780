"""Pausing, resuming and resolving what is open about a subject."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from crm_store import escalations as rows
from crm_store.escalations import CaseRow
from engine.machines.escalation import Happening, Paused, Resolved, Resumed
from engine.services.escalations.going_on import go_on

if TYPE_CHECKING:
    from engine.services.work import Work

SubjectIds = int | Collection[int]


async def pause_cases(
    work: Work, subject_kind: str, subject_id: SubjectIds, *, policy: str | None = None
) -> list[int]:
    """Stop the clocks of what is open about these; harmless twice. The ids of cases paused."""
    found = await _open(work, subject_kind, subject_id, policy)
    return await _all(work, [one for one in found if not one.paused], Paused())


async def resume_cases(
    work: Work, subject_kind: str, subject_id: SubjectIds, *, policy: str | None = None
) -> list[int]:
    """Let the clocks go on with what was left of them; harmless twice."""
    found = await _open(work, subject_kind, subject_id, policy)
    return await _all(work, [one for one in found if one.paused], Resumed())


async def resolve_cases(
    work: Work,
    subject_kind: str,
    subject_id: SubjectIds,
    *,
    policy: str | None = None,
    by_id: int | None = None,
    comment: str | None = None,
    asked_as: str | None = None,
) -> list[int]:
    """End what is open about these: nobody is told any more. `by_id` None: it resolved itself.
    `asked_as`: only cases with an ask whose key begins like this."""
    found = await _open(work, subject_kind, subject_id, policy, asked_as)
    return await _all(work, found, Resolved(by_id), comment)


async def _open(
    work: Work,
    subject_kind: str,
    subject_id: SubjectIds,
    policy: str | None,
    asked_as: str | None = None,
) -> list[CaseRow]:
    ids = [subject_id] if isinstance(subject_id, int) else list(subject_id)
    if not ids:
        return []
    found = await rows.open_about(work.session, subject_kind, ids, policy, asked_as)
    return [one for one in await rows.lock_cases(work.session, found) if one.ended_at is None]


async def _all(
    work: Work, cases: list[CaseRow], happening: Happening, comment: str | None = None
) -> list[int]:
    await go_on(work, cases, happening, comment=comment)
    return [one.id for one in cases]
