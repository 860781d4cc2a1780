"""Who should be a member and is not, or the other way round: asked of the database, in pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import SegmentMember
from engine.rules import Rule
from engine.services.segments_query import CONTACT_ID, all_ids_matching, ids_matching


async def differing(
    session: AsyncSession,
    segment_id: int,
    rule: Rule,
    now: datetime,
    zone: str,
    *,
    after: int,
    limit: int,
    only_enter: bool = False,
) -> Sequence[int]:
    """The next contacts, by id, whose membership is not what the rule says; with `only_enter` those
    alone who are not in yet.
    """
    # each side once and whole: a join of two hashes, whatever the rule is made of
    matching = all_ids_matching(rule, now, zone).cte("matching").prefix_with("MATERIALIZED")
    members = (
        select(SegmentMember.contact_id)
        .where(SegmentMember.segment_id == segment_id)
        .subquery("members")
    )
    either = func.coalesce(matching.c.id, members.c.contact_id)
    missing = members.c.contact_id.is_(None)
    both = matching.outerjoin(members, matching.c.id == members.c.contact_id, full=not only_enter)
    query = (
        select(either)
        .select_from(both)
        .where(missing if only_enter else or_(matching.c.id.is_(None), missing), either > after)
        .order_by(either)
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def candidates(
    session: AsyncSession, rule: Rule, now: datetime, zone: str, *, after: int, limit: int
) -> Sequence[int]:
    """The next contacts, by id, that fulfil the rule."""
    query = ids_matching(rule, now, zone).where(after < CONTACT_ID)
    return (await session.scalars(query.order_by(CONTACT_ID).limit(limit))).all()
