"""Sizes of segments, how they changed from day to day, how two overlap, and who is in one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Contact, SegmentMember, SegmentSize
from crm_store.rowset import rowset


@dataclass(frozen=True, slots=True)
class DayCount:
    """`members` is the size when the day was over, or now for today."""

    day: date
    members: int
    entered: int
    left: int


@dataclass(frozen=True, slots=True)
class MemberRow:
    contact_id: int
    email: str | None
    first_name: str | None
    last_name: str | None
    entered_at: datetime


async def sizes(
    session: AsyncSession, segment_ids: Collection[int] | None = None
) -> dict[int, int]:
    """Members by segment, of these or of all; a segment nobody was ever in is left out."""
    query = select(SegmentSize.segment_id, func.sum(SegmentSize.members)).group_by(
        SegmentSize.segment_id
    )
    if segment_ids is not None:
        query = query.where(SegmentSize.segment_id.in_(segment_ids))
    return {segment_id: int(size) for segment_id, size in await session.execute(query)}


async def counts_by_day(
    session: AsyncSession, segment_id: int, first: date, last: date
) -> list[DayCount]:
    """Every day from `first` to `last`, days on which nothing happened too.

    Sizes are reckoned back from today's, so those of days before the first count are 0. However
    long ago the days are, no more rows are made than there are days between the two.
    """
    found = await session.execute(
        text(
            """
            WITH per_day AS (
                SELECT day, sum(entered) AS entered, sum(left_) AS gone
                FROM segment_count WHERE segment_id = :segment AND day >= :first GROUP BY day
            ), now AS (
                SELECT coalesce(sum(members), 0) - (
                    SELECT coalesce(sum(entered - gone), 0) FROM per_day WHERE day > :last
                ) AS members
                FROM segment_size WHERE segment_id = :segment
            ), days AS (
                SELECT CAST(d AS date) AS day
                FROM generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 day')
                    AS d
            )
            SELECT day,
                   now.members - coalesce(sum(coalesce(entered, 0) - coalesce(gone, 0)) OVER (
                       ORDER BY day DESC
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0),
                   coalesce(entered, 0), coalesce(gone, 0)
            FROM days LEFT JOIN per_day USING (day), now ORDER BY day
            """
        ),
        {"segment": segment_id, "first": first, "last": last},
    )
    return [DayCount(row[0], max(int(row[1]), 0), int(row[2]), int(row[3])) for row in found]


async def overlap(session: AsyncSession, one: int, other: int) -> tuple[int, int, int]:
    """How many are in the first alone, in both, and in the second alone."""
    found = await session.execute(
        text(
            """
            SELECT count(*) FILTER (WHERE b.contact_id IS NULL),
                   count(*) FILTER (WHERE a.contact_id = b.contact_id),
                   count(*) FILTER (WHERE a.contact_id IS NULL)
            FROM (SELECT contact_id FROM segment_member WHERE segment_id = :one) a
            FULL JOIN (SELECT contact_id FROM segment_member WHERE segment_id = :other) b
            ON a.contact_id = b.contact_id
            """
        ),
        {"one": one, "other": other},
    )
    return tuple(found.one())


async def members_page(
    session: AsyncSession, segment_id: int, after: int, limit: int, which: ColumnElement[bool]
) -> Sequence[MemberRow]:
    """Members in order of their contact's number, after that one; those of the contacts that
    `which` says."""
    found = await session.execute(
        select(
            Contact.id,
            Contact.email,
            Contact.first_name,
            Contact.last_name,
            SegmentMember.entered_at,
        )
        .join(SegmentMember, SegmentMember.contact_id == Contact.id)
        .where(SegmentMember.segment_id == segment_id, SegmentMember.contact_id > after, which)
        .order_by(SegmentMember.contact_id)
        .limit(limit)
    )
    return [MemberRow(*row) for row in found]


async def sampled_members(
    session: AsyncSession, segment_id: int, size: int, which: ColumnElement[bool] | None = None
) -> Sequence[MemberRow]:
    """Members picked by chance, of the contacts that `which` says."""
    members = select(SegmentMember.contact_id, SegmentMember.entered_at)
    members = members.where(SegmentMember.segment_id == segment_id)
    if which is not None:
        members = members.join(Contact, Contact.id == SegmentMember.contact_id).where(which)
    picked = members.order_by(func.random()).limit(size).subquery()
    found = await session.execute(
        select(
            Contact.id, Contact.email, Contact.first_name, Contact.last_name, picked.c.entered_at
        )
        .join(picked, picked.c.contact_id == Contact.id)
        .order_by(Contact.id)
    )
    return [MemberRow(*row) for row in found]


async def entered_at(session: AsyncSession, segment_id: int, contact_id: int) -> datetime | None:
    """Since when the contact is a member; None when it is not."""
    return await session.scalar(
        select(SegmentMember.entered_at).where(
            SegmentMember.segment_id == segment_id, SegmentMember.contact_id == contact_id
        )
    )


async def contact_row(session: AsyncSession, contact_id: int) -> Contact | None:
    return await session.get(Contact, contact_id)


async def contacts_called(
    session: AsyncSession, email_keys: Collection[str], external_ids: Collection[str]
) -> tuple[dict[str, int], dict[str, int]]:
    """Contact ids by folded address, and by external id; unknown ones are left out."""
    found = await session.execute(
        text(
            """
            SELECT 'email', email_key, id FROM contact WHERE email_key = ANY(
                ARRAY(SELECT jsonb_array_elements_text(CAST(:emails AS jsonb))))
            UNION ALL
            SELECT 'external', external_id, id FROM contact WHERE external_id = ANY(
                ARRAY(SELECT jsonb_array_elements_text(CAST(:externals AS jsonb))))
            """
        ),
        {"emails": rowset(list(email_keys)), "externals": rowset(list(external_ids))},
    )
    known: dict[str, dict[str, int]] = {"email": {}, "external": {}}
    for kind, value, contact_id in found:
        known[kind][value] = contact_id
    return known["email"], known["external"]


async def definitions_in_use(session: AsyncSession) -> list[tuple[str, dict[str, object]]]:
    """Flow name and definition of every version that is published or has people inside."""
    found = await session.execute(
        text(
            """
            SELECT f.name, v.definition FROM flow f JOIN flow_version v ON v.flow_id = f.id
            WHERE v.id = f.published_version_id OR EXISTS (
                SELECT 1 FROM run r WHERE r.flow_id = f.id AND r.flow_version_id = v.id
                AND r.state <> 'ended')
            ORDER BY f.name, v.number
            """
        )
    )
    return [(row[0], row[1]) for row in found]
