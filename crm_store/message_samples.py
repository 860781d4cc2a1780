"""Contacts drawn to try a message on: by chance, and the same ones again for the same seed."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Contact, SegmentMember


async def drawn_contacts(session: AsyncSession, size: int, seed: int) -> list[int]:
    """Of all contacts, every one as likely as any other."""
    drawn = func.hashint8extended(Contact.id, seed)
    found = await session.scalars(select(Contact.id).order_by(drawn, Contact.id).limit(size))
    return list(found)


async def drawn_members(session: AsyncSession, segment_id: int, size: int, seed: int) -> list[int]:
    """Of a segment's members."""
    member = SegmentMember.contact_id
    drawn = func.hashint8extended(member, seed)
    found = await session.scalars(
        select(member)
        .where(SegmentMember.segment_id == segment_id)
        .order_by(drawn, member)
        .limit(size)
    )
    return list(found)
