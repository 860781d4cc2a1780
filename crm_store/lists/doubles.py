"""Contacts that may be one person: of one name, or of one telephone number."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Contact

Alike = Literal["name", "phone"]


async def values_of_several(
    session: AsyncSession, by: Alike, after: str | None, limit: int
) -> list[str]:
    """The next values that more than one contact has, in order; read along an index."""
    column = Contact.name_key if by == "name" else Contact.phone
    query = (
        select(column)
        .where(column.is_not(None), column > (after or ""))
        .group_by(column)
        .having(func.count() > 1)
        .order_by(column)
        .limit(limit)
    )
    return [row[0] for row in await session.execute(query) if row[0] is not None]


async def contacts_alike(
    session: AsyncSession, by: Alike, values: list[str], most: int
) -> dict[str, list[int]]:
    """The first `most` contacts of each value, the oldest first."""
    column = Contact.name_key if by == "name" else Contact.phone
    place = func.row_number().over(partition_by=column, order_by=(Contact.created_at, Contact.id))
    ranked = (
        select(column.label("value"), Contact.id, place.label("place"))
        .where(column.in_(values))
        .subquery()
    )
    query = (
        select(ranked.c.value, ranked.c.id).where(ranked.c.place <= most).order_by(ranked.c.place)
    )
    found: dict[str, list[int]] = {value: [] for value in values}
    for value, id_ in await session.execute(query):
        found[value].append(id_)
    return found
