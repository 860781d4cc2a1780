"""Finding the one contact somebody speaks of, and names for a few of them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.base import folded
from crm_store.contacts import ANONYMOUS
from crm_store.models import Contact

LARGEST_ID = 2**63 - 1
# What one is called today comes last, and so counts.
_NAMED = text(
    """
    SELECT CASE kind WHEN 'external_id' THEN 'user' WHEN 'email_key' THEN 'email'
                     ELSE 'anonymous' END, value, contact_id, 0 AS today
    FROM contact_alias
    WHERE (kind = 'external_id' AND value = ANY(:user))
       OR (kind = 'email_key' AND value = ANY(:email))
       OR (kind = :browser AND value = ANY(:anonymous))
    UNION ALL
    SELECT 'user', external_id, id, 1 FROM contact WHERE external_id = ANY(:user)
    UNION ALL
    SELECT 'email', email_key, id, 1 FROM contact WHERE email_key = ANY(:email)
    ORDER BY today
    """
)


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


async def contacts_named(
    session: AsyncSession, names: Collection[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """Contact ids by kind ("user", "email", "anonymous") and name, for the names that are known:
    what a contact is called comes before what one was called that was merged into it. Nobody is
    held."""
    values: dict[str, list[str]] = {"user": [], "email": [], "anonymous": []}
    for kind, value in names:
        values[kind].append(value)
    found = await session.execute(_NAMED, {**values, "browser": ANONYMOUS})
    return {(kind, value): contact_id for kind, value, contact_id, _ in found}


async def contact_names(
    session: AsyncSession, ids: Collection[int], *, by_address: bool = True
) -> dict[int, str]:
    """First and last name, else the e-mail address (`by_address`), else nothing."""
    full = func.nullif(func.concat_ws(" ", Contact.first_name, Contact.last_name), "")
    name = func.coalesce(full, Contact.email, "") if by_address else func.coalesce(full, "")
    found = await session.execute(select(Contact.id, name).where(Contact.id.in_(ids)))
    return {row[0]: row[1] for row in found}


async def contact_faces(
    session: AsyncSession, ids: Collection[int]
) -> list[tuple[int, str | None, str | None, str | None]]:
    """(number, first name, last name, e-mail address) of those that there are."""
    columns = (Contact.id, Contact.first_name, Contact.last_name, Contact.email)
    found = await session.execute(select(*columns).where(Contact.id.in_(ids)).order_by(Contact.id))
    return [(row[0], row[1], row[2], row[3]) for row in found]
