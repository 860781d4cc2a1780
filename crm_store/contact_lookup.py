"""Finding the one contact somebody speaks of, and names for a few of them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.base import folded
from crm_store.models import Contact

LARGEST_ID = 2**63 - 1


async def contact_id_called(session: AsyncSession, reference: int | str) -> int | None:
    """The contact of this number or e-mail address, of which no two share one."""
    if isinstance(reference, int):
        condition = Contact.id == reference
        possible = 0 < reference <= LARGEST_ID
    else:
        condition = Contact.email_key == folded(reference)
        # no address holds a control character or half a surrogate pair, and no query could
        possible = reference.isprintable()
    return await session.scalar(select(Contact.id).where(condition)) if possible else None


async def contact_names(session: AsyncSession, ids: Collection[int]) -> dict[int, str]:
    """First and last name, else the e-mail address, else nothing."""
    full = func.nullif(func.concat_ws(" ", Contact.first_name, Contact.last_name), "")
    found = await session.execute(
        select(Contact.id, func.coalesce(full, Contact.email, "")).where(Contact.id.in_(ids))
    )
    return {row[0]: row[1] for row in found}


async def contact_faces(
    session: AsyncSession, ids: Collection[int]
) -> list[tuple[int, str | None, str | None, str | None]]:
    """(number, first name, last name, e-mail address) of those that there are."""
    columns = (Contact.id, Contact.first_name, Contact.last_name, Contact.email)
    found = await session.execute(select(*columns).where(Contact.id.in_(ids)).order_by(Contact.id))
    return [(row[0], row[1], row[2], row[3]) for row in found]
