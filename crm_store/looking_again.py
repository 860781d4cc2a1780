"""Clocks made due before their time, because people, duties or hours changed.

No statement here waits for a lock, so it cannot take part in a deadlock wherever a transaction
calls it; what somebody else holds at the moment is left as it is and counted.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# Whoever these people act for is concerned as well, and whoever those act for.
_OF_PEOPLE = """
    concerned(id) AS (
        SELECT unnest(CAST(:people AS bigint[]))
        UNION
        SELECT a.user_id FROM absence a JOIN concerned c ON a.deputy_id = c.id
        WHERE a.ends_at > :at),
    wanted(kind, id) AS (
        SELECT 'approval', request_id FROM approval_seat
        WHERE open AND holder_id IN (SELECT id FROM concerned)
        UNION
        SELECT 'approval', id FROM approval_request
        WHERE status IN ('open', 'held', 'returned')
          AND (status = 'held' OR requester_id = ANY(:people))
        UNION
        SELECT 'escalation', id FROM escalation_case
        WHERE ended_at IS NULL AND NOT paused
          AND (held_for = 'nobody' OR acknowledged_by_id IN (SELECT id FROM concerned))),
    late AS (
        SELECT c.kind, c.entity_id FROM clock c JOIN wanted w ON w.kind = c.kind
            AND w.id = c.entity_id
        WHERE c.due_at IS NULL OR c.due_at > :at)
"""
_OF_OWNERS = """
    late AS (
        SELECT c.kind, c.entity_id FROM deal d JOIN clock c ON c.kind = 'deal'
            AND c.entity_id = d.id
        WHERE d.owner_id = ANY(:people) AND c.due_at > :at)
"""
_OF_DEALS = """
    late AS (
        SELECT kind, entity_id FROM clock
        WHERE kind = 'deal' AND entity_id = ANY(:ids) AND due_at > :at)
"""
_OF_ALL = "late AS (SELECT kind, entity_id FROM clock WHERE due_at > :at)"
_MADE_DUE = """
    WITH RECURSIVE {late},
    free AS (
        SELECT kind, entity_id FROM clock
        WHERE (kind, entity_id) IN (SELECT kind, entity_id FROM late)
        FOR NO KEY UPDATE SKIP LOCKED),
    made AS (
        UPDATE clock SET due_at = :at, hosted_at = NULL, revision = nextval('clock_revision')
        FROM free WHERE clock.kind = free.kind AND clock.entity_id = free.entity_id
        RETURNING 1)
    SELECT (SELECT count(*) FROM late) - (SELECT count(*) FROM made)
"""


async def make_decisions_due(session: AsyncSession, at: datetime, user_ids: Collection[int]) -> int:
    """Approvals and cases that these people have a part in, and those held because nobody was
    there; how many are still to be made due."""
    return await _made_due(session, _OF_PEOPLE, at, user_ids)


async def make_deals_due(session: AsyncSession, at: datetime, owner_ids: Collection[int]) -> int:
    """Deals of these owners that wait for a time; how many are still to be made due."""
    return await _made_due(session, _OF_OWNERS, at, owner_ids)


async def make_given_due(session: AsyncSession, at: datetime, deal_ids: Collection[int]) -> int:
    """These deals, where they wait for a time; how many are still to be made due."""
    made = text(_MADE_DUE.format(late=_OF_DEALS))
    return int(await session.scalar(made, {"at": at, "ids": sorted(deal_ids)}) or 0)


async def make_all_due(session: AsyncSession, at: datetime) -> int:
    """Everything that waits for a time; how many are still to be made due."""
    return int(await session.scalar(text(_MADE_DUE.format(late=_OF_ALL)), {"at": at}) or 0)


async def _made_due(session: AsyncSession, late: str, at: datetime, people: Collection[int]) -> int:
    given = {"at": at, "people": sorted(people)}
    return int(await session.scalar(text(_MADE_DUE.format(late=late)), given) or 0)
